package diagnose

import (
	"fmt"
	"math"
	"time"
)

// rise is a row of completed checkpoints that take longer and longer. Where it goes on they reach the timeout.
type rise struct {
	// from and to are the medians of the oldest and of the newest of the row; 0 where there is no rise.
	from, to time.Duration
	// left is in how many more checkpoints one takes the timeout, if it goes on as it did; of n in the row.
	left, n int
}

// The row is at least eight long: of the oldest three, the newest three and those between each has a median, which one long checkpoint does not move.
const (
	riseRow  = 8
	riseEnds = 3
	// inOrder is the least share by which pairs of the row are in order rather than not (Kendall's tau). Of eight to ten durations by chance 0.75 or
	// more is one in three hundred to one in a thousand, and the row must grow and go on growing besides.
	inOrder = 0.75
	// grows is by how much the newest take longer than the oldest, at least: a job that stays at its level spreads by a third (see steady).
	grows = 1 + steadySpread
	// goesOn is the least share of the growth of the older part that the newer part has. State that fills a window grows less and less.
	goesOn = 0.6
	// riseAhead is how many checkpoints are looked ahead: at the default interval of many jobs, a minute, 20 are as many minutes, time for somebody to look.
	riseAhead = 20
)

// findRise looks for a rise in the newest completed checkpoints, which nothing that failed interrupts, with as much of the timeout used as makes a risk at
// all (see timeoutMargin).
func findRise(w *window) rise { return riseAbove(w, w.timeout/timeoutMargin) }

// riseAbove is findRise from a duration on.
func riseAbove(w *window, least time.Duration) rise {
	n := min(w.counts.ConsecutiveCompleted, w.measured)
	if w.guessed || n < riseRow {
		return rise{}
	}
	row := w.durations[:n] // newest first
	k := max(n/3, riseEnds)
	newest, between, oldest := median(row[:k]), median(row[k:n-k]), median(row[n-k:])
	first, second := between-oldest, newest-between
	if newest < least || float64(newest) < grows*float64(oldest) || float64(second) < goesOn*float64(first) || order(row) < inOrder {
		return rise{}
	}
	left := ahead(w.timeout, newest, between, float64(n-k)/2, second > first)
	if left > riseAhead {
		return rise{}
	}
	return rise{from: oldest, to: newest, left: left, n: n}
}

// order is by how much more pairs of a row, newest first, are in the order of growth than not, as a share of all pairs: 1 where each is longer than the
// one before, 0 where they come as they like.
func order(row []time.Duration) float64 {
	sum, pairs := 0, 0
	for i := range row {
		for _, older := range row[i+1:] {
			sum += count(row[i] > older) - count(row[i] < older)
			pairs++
		}
	}
	return float64(sum) / float64(max(pairs, 1))
}

// ahead is after how many checkpoints what grows takes the timeout: by as much with each, or where it grows faster and faster by the same share. apart is
// how many checkpoints lie between the two that tell the growth.
func ahead(timeout, newest, between time.Duration, apart float64, faster bool) int {
	if newest >= timeout {
		return 0
	}
	if faster && between > 0 {
		each := math.Log(float64(newest)/float64(between)) / apart
		return int(math.Ceil(math.Log(float64(timeout)/float64(newest)) / each))
	}
	each := float64(newest-between) / apart
	return int(math.Ceil(min(float64(timeout-newest)/max(each, 1), math.MaxInt32)))
}

func rising(q *patient) (string, bool) {
	r := findRise(&q.w)
	if r.to == 0 {
		return "", false
	}
	return fmt.Sprintf("checkpoints take longer and longer: %s, %s at the beginning of the last %d; at this pace one takes the timeout of %s in about %d", span(r.to),
		span(r.from), r.n, span(q.w.timeout), r.left), true
}

package diagnose

import (
	"fmt"
	"math"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

// rise is a row of completed checkpoints that take longer and longer. Where it goes on they reach the timeout.
type rise struct {
	// from and to are the medians of the oldest and of the newest of the row; 0 where there is no rise.
	from, to time.Duration
	// left is in how many more checkpoints one takes the timeout, if it goes on as it did; of n in the row.
	left, n int
}

// The row is at least thirteen long: durations that go together from one to the next, as the load does, are in order by chance for eight or ten of them several
// times a day. Of the oldest, the newest and those between each has a median, which one long checkpoint does not move.
const (
	riseRow  = 13
	riseEnds = 3
	// inOrder is the least share by which pairs of the row are in order rather than not (Kendall's tau).
	inOrder = 0.75
	// grows is by how much the newest take longer than the oldest, at least: a job that stays at its level spreads by a third (see steady).
	grows = 1 + steadySpread
	// goesOn is the least share of the growth of the older part that the newer part has. State that fills a window grows less and less.
	goesOn = 0.6
	// riseAhead is how far is looked ahead, in lengths of the row: what grew over ten checkpoints may well grow over twenty more. A job that is at risk
	// already stays so until it is half as far again, or it would come and go.
	riseAhead = 2
	riseStays = 3
)

// findRise looks for a rise in the newest completed checkpoints, which nothing that failed interrupts: in as many as are known, and in the newest of them.
// Below a share of the timeout there is no risk.
func findRise(w *window, past api.Health) rise {
	if w.guessed {
		return rise{}
	}
	most := riseAhead
	if past == api.HealthAtRisk {
		most = riseStays
	}
	for n := w.long; n >= riseRow; n = 2 * n / 3 {
		if r := riseOf(w.row[:n], w.timeout); r.to >= w.timeout/timeoutMargin && r.left <= most*n {
			return r
		}
	}
	return rise{}
}

// riseOf is the rise of a row, however far it is from the timeout; none where the row does not grow and go on growing.
func riseOf(row []time.Duration, timeout time.Duration) rise {
	n := len(row) // newest first
	k := max(n/3, riseEnds)
	newest, between, oldest := middle(row[:k]), middle(row[k:n-k]), middle(row[n-k:])
	first, second := between-oldest, newest-between
	if float64(newest) < grows*float64(oldest) || float64(second) < goesOn*float64(first) || order(row) < inOrder {
		return rise{}
	}
	return rise{from: oldest, to: newest, left: max(ahead(timeout, newest, between, float64(n-k)/2)-k/2, 1), n: n}
}

// middle is the median of a part of a row, of two in the middle their mean: an upper one would be of another checkpoint than the one in the middle.
func middle(part []time.Duration) time.Duration {
	n := len(part)
	if n%2 == 1 {
		return median(part)
	}
	return (quantile(part, 0.5) + quantile(part, (float64(n/2)-0.5)/float64(n))) / 2
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

// ahead is after how many checkpoints what grows takes the timeout, by as much with each. apart is how many checkpoints lie between the two that tell the
// growth. What grows faster and faster takes it earlier, which the next passes see.
func ahead(timeout, newest, between time.Duration, apart float64) int {
	if newest >= timeout {
		return 0
	}
	each := float64(newest-between) / apart
	return int(math.Ceil(min(float64(timeout-newest)/max(each, 1), math.MaxInt32)))
}

// shows tells whether a checkpoint is one of those at the end of a rise: it took as much longer than those at the beginning as makes a rise.
func (r *rise) shows(took time.Duration) bool {
	return r.to > 0 && float64(took) >= grows*float64(r.from) && 2*took >= r.to
}

func rising(q *patient) (string, bool) {
	r := &q.w.rise
	if r.to == 0 {
		return "", false
	}
	return fmt.Sprintf("checkpoints take longer and longer: %s, %s at the beginning of the last %d; at this pace one takes the timeout of %s in about %d", span(r.to),
		span(r.from), r.n, span(q.w.timeout), r.left), true
}

package diagnose

import (
	"fmt"
	"time"

	"checkpointhealth.dev/operator/controllers/model"
)

// hangTimes is how many times as long as the job's own past a checkpoint must have been pending to hang rather than to be slow: several times is what
// three in a row make a risk (see severalTimes), and one alone may be as long by accident. Ten times as long none was that completed in health.
const hangTimes = 10

// hangs is from when on a pending checkpoint hangs, although its timeout is not over: ten times as long as this job's own past, several times as long as the
// last five took (it may have come to another level), and a fifth of the timeout. One alone speaks, for with a long timeout the next one is far. 0 where
// that past or the timeout is not known.
func hangs(s *model.Snapshot, w *window) time.Duration {
	past := pastDuration(s)
	if w.guessed || past <= 0 {
		return 0
	}
	return max(hangTimes*past, severalTimes*median(w.recent(lookBack)), w.timeout/timeoutMargin)
}

func hanging(q *patient) (string, bool) {
	least := hangs(q.s, &q.w)
	if least == 0 || q.w.pending == nil || q.w.counts.PendingFor < least {
		return "", false
	}
	past := pastDuration(q.s)
	return fmt.Sprintf("checkpoint %d has been pending for %s of its timeout of %s, %.0f times as long as this job's own %s", q.w.pending.ID,
		span(q.w.counts.PendingFor), span(q.w.timeout), float64(q.w.counts.PendingFor)/float64(past), span(past)), true
}

// A job that has come to another level and stays there is not at risk: of eight checkpoints in a row none took half the timeout, and none is a third
// longer or shorter than their median (measured: 2.7 to 3.6 s for minutes, of a timeout of 8 s). A JobManager that is starved (2 to 8 s) spreads more, and
// what grows by less than that is in order: the newer half takes longer than the older one.
const (
	steadyRow    = 8
	steadySpread = 1.0 / 3
	steadyGrowth = 1.15
)

func steady(w *window) bool {
	row := w.recent(steadyRow)
	for _, d := range row {
		if 2*d >= w.timeout {
			return false
		}
	}
	return len(row) == steadyRow && alike(row) && 2*w.counts.PendingFor < w.timeout && w.counts.Completed == w.counts.Window
}

// alike tells whether none of a row, newest first, is a third longer or shorter than their median, and the newer half hardly longer than the older one.
func alike(row []time.Duration) bool {
	typical := median(row)
	for _, d := range row {
		if (d - typical).Abs() > share(typical, steadySpread) {
			return false
		}
	}
	half := len(row) / 2
	return float64(median(row[:half])) <= steadyGrowth*float64(median(row[half:]))
}

// tentative tells that what ails a job at risk may be nothing: alone where one is pending for long, none before it took longer, and nothing else is amiss, so
// that no cause is more than possible; long where none failed and they are long, all alike and do not get longer, so that no upload is: but not where the
// job is known to have been several times as quick, for then they have become long.
func tentative(q *patient) (alone, long bool) {
	i, _ := decides(q)
	if i < 0 {
		return false, false
	}
	return checks[i].alone && !nextOfARow(q), checks[i].long && q.w.counts.Expired+q.w.counts.Failed == 0 && level(&q.w) && !wasQuicker(q)
}

// nextOfARow tells whether the completed ones before one that is pending took longer than the job's own past, too: two of the last three at least twice as
// long. One alone may be an accident, which its successors do not repeat.
func nextOfARow(q *patient) bool {
	past, long := pastDuration(q.s), 0
	for _, d := range q.w.recent(3) {
		long += count(d >= 2*past)
	}
	return past > 0 && long >= 2
}

// wasQuicker tells whether the job is known to have taken a fraction of what it takes now.
func wasQuicker(q *patient) bool {
	past := pastDuration(q.s)
	return past > 0 && median(q.w.recent(lookBack)) >= severalTimes*past
}

// level tells whether checkpoints are alike and come no nearer to their timeout, long as they are.
func level(w *window) bool {
	row := w.recent(steadyRow)
	if len(row) < steadyRow || !alike(row) || w.guessed || 4*w.counts.PendingFor >= 3*w.timeout {
		return false
	}
	for _, d := range row {
		if 4*d >= 3*w.timeout {
			return false
		}
	}
	return true
}

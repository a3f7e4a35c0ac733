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

// tentative tells that what ails a job at risk may be nothing. alone: one is pending for long, none before it took longer, and nothing else is amiss; or none
// failed, and they are long, all alike, do not get longer and never were quicker: this is what the job takes, and no cause is more than possible. long: the
// same of one that was quicker once, though not several times as quick, so that no upload is the cause; then they have become long.
func tentative(q *patient) (alone, long bool) {
	i, _ := decides(q)
	if i < 0 {
		return false, false
	}
	stays := checks[i].long && q.w.counts.Expired+q.w.counts.Failed == 0 && !seenShort(q)
	long = stays && level(&q.w) && !wasQuicker(q, severalTimes)
	return checks[i].alone && !nextOfARow(q) || stays && (long || alwaysSo(q)) && !wasQuicker(q, growsFast), long
}

// seenShort tells whether a job is at risk by more than its durations: the JobManager is seen to be short of CPU or heap, or begins checkpoints late. That is no
// level that a job was made for.
func seenShort(q *patient) bool {
	for _, test := range []func(*patient) (string, bool){jobManagerCollects, jobManagerBusy, startsLate} {
		if _, holds := test(q); holds {
			return true
		}
	}
	return false
}

// nextOfARow tells whether the completed ones before one that is pending took longer than the job's own past, too: of the last three two at least twice as
// long and a twentieth of the timeout, or one as long as makes a risk where three of them do. One alone may be an accident, which its successors do not repeat,
// and two that take 0.3 s instead of 0.1 s are no row.
func nextOfARow(q *patient) bool {
	past, longer, long := pastDuration(q.s), 0, 0
	for _, d := range q.w.recent(3) {
		longer += count(d >= max(2*past, q.w.timeout/(4*timeoutMargin)))
		long += count(d >= max(severalTimes*past, q.w.timeout/timeoutMargin))
	}
	return past > 0 && (longer >= 2 || long > 0)
}

// wasQuicker tells whether the job is known to have been so many times as quick.
func wasQuicker(q *patient, times float64) bool {
	past := pastDuration(q.s)
	return past > 0 && float64(median(q.w.recent(lookBack))) >= times*float64(past)
}

// alwaysSo tells whether all checkpoints that the job has taken are known, at least two, and are alike: fewer than it takes to be level, and none was quicker.
// A job that was restored, or that a remedy was written for, has a past which these do not tell: a few long ones, all alike, are what became of it.
func alwaysSo(q *patient) bool {
	row := q.w.recent(steadyRow)
	if q.s.Checkpoints.LatestRestored != nil || q.s.Checkpoints.Counts.Restored > 0 || len(q.s.Target.Receipts) > 0 {
		return false
	}
	return len(row) >= 2 && int64(len(row)) == q.s.Checkpoints.Counts.Completed && isLevel(&q.w, row)
}

// level tells whether checkpoints are alike and come no nearer to their timeout, long as they are.
func level(w *window) bool {
	row := w.recent(steadyRow)
	return len(row) == steadyRow && isLevel(w, row)
}

func isLevel(w *window, row []time.Duration) bool {
	if !alike(row) || w.guessed || 4*w.counts.PendingFor >= 3*w.timeout {
		return false
	}
	for _, d := range row {
		if 4*d >= 3*w.timeout {
			return false
		}
	}
	return true
}

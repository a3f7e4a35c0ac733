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

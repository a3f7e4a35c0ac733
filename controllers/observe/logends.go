package observe

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"checkpointhealth.dev/operator/controllers/model"
)

// dropLost takes the checkpoints out of a history, newest first, whose end is in no log although they have ended: a log may be a part of one, or
// the tail of one. It returns their numbers beside what is left. Flink ends a checkpoint in progress at the latest when a later one completes
// (it is subsumed) or expires (it would have expired before), when the job restarts, and it has no more in progress than most, the setting
// execution.checkpointing.max-concurrent-checkpoints; 0 where that is not known. broken is when the job or the JobManager last began anew.
func dropLost(history []model.Checkpoint, most int, broken time.Time) (kept []model.Checkpoint, lost []int64) {
	over, pending := false, 0
	for i := range history {
		c := &history[i]
		if c.Status != model.CheckpointInProgress {
			over = over || !c.Savepoint && endsOlder(c)
			kept = append(kept, *c)
			continue
		}
		taken := !c.Savepoint && (over || len(c.LateAcks) > 0) // only an expired one is acknowledged late
		pending += count(!c.Savepoint)
		if taken || most > 0 && pending > most || endedBy(c, broken) {
			lost = append(lost, c.ID)
			continue
		}
		kept = append(kept, *c)
	}
	return kept, lost
}

// endedBy tells whether a checkpoint was triggered before the job began anew.
func endedBy(c *model.Checkpoint, broken time.Time) bool {
	return !c.Trigger.IsZero() && c.Trigger.Before(broken)
}

// endsOlder tells whether the checkpoints before one are over because it ended as it did.
func endsOlder(c *model.Checkpoint) bool {
	return c.Status == model.CheckpointCompleted || c.Expired() || c.Failure != nil && c.Failure.Kind == model.FailureFailover
}

func count(holds bool) int {
	if holds {
		return 1
	}
	return 0
}

// lostGap names the checkpoints of a history whose end is in no log.
func lostGap(history []model.Checkpoint, lost []int64) model.Gap {
	const shown = 5
	names := make([]string, 0, shown)
	for _, id := range lost[:min(len(lost), shown)] {
		names = append(names, strconv.FormatInt(id, 10))
	}
	slices.Reverse(names) // oldest first
	text := "end of checkpoint " + strings.Join(names, ", ")
	if more := len(lost) - shown; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	why, late := "they are over, and no log tells how they ended", 0
	for i := range history {
		if slices.Contains(lost, history[i].ID) {
			late += len(history[i].LateAcks)
		}
	}
	if late > 0 {
		why += fmt.Sprintf("; acknowledgements came after that: %d", late)
	}
	return model.Gap{Kind: model.GapLogs, Signal: text, Why: why}
}

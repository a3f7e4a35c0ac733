package report

import (
	"fmt"
	"time"
)

// lateByLog tells of acknowledgements that a JobManager's log shows to have come after their checkpoint had expired. Where the details of that checkpoint
// were read they tell more, and are evidence.
func (s *story) lateByLog() {
	late, checkpoints, latest := 0, 0, time.Duration(0)
	for i := range s.snapshot().Checkpoints.History {
		c := &s.snapshot().Checkpoints.History[i]
		if len(c.LateAcks) == 0 || c.Tasks != nil {
			continue
		}
		checkpoints++
		late += len(c.LateAcks)
		for _, ack := range c.LateAcks {
			latest = max(latest, ack.EndToEnd)
		}
	}
	if late == 0 {
		return
	}
	text := fmt.Sprintf("acknowledgements that came after their checkpoint had expired: %d, of checkpoints: %d", late, checkpoints)
	if latest > 0 {
		text += "; the latest came " + formatDuration(latest) + " after its trigger"
	}
	s.add("", 2, sentence("By the JobManager's log messages get through, but late: "+text))
}

package plan

import (
	"fmt"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// longestAlignedTimeout: a barrier that has not arrived after half a minute is behind a backlog.
const longestAlignedTimeout = 30 * time.Second

// proposeUnaligned lets barriers overtake the backlog, after an aligned timeout of a tenth of the checkpoint timeout, at most 30 s: a job
// whose barriers flow keeps its small aligned checkpoints.
func proposeUnaligned(v *view) proposal {
	s := &v.s.Settings
	if s.Unaligned.Known && s.Unaligned.Value {
		return proposal{}
	}
	if why := v.unalignedHarms(); why != "" {
		return proposal{skip: refuse(api.ReasonNoRemedyLeft, why)}
	}
	wait := longestAlignedTimeout
	if s.Timeout.Known && s.Timeout.Value > 0 {
		wait = min(wait, tidyUp(s.Timeout.Value/10))
	}
	changes := []model.Change{v.change(api.LeverUnalignedCheckpoints, v.unalignedKey(), "false", "true", s.Unaligned.Origin)}
	if text, ok := v.written(keyAlignedTimeout); !ok || isZeroDuration(text) {
		changes = append(changes, v.change(api.LeverUnalignedCheckpoints, keyAlignedTimeout, flinkDuration(s.AlignedTimeout.Value), flinkDuration(wait), s.AlignedTimeout.Origin))
	}
	return proposal{
		changes: changes,
		reason:  fmt.Sprintf("barriers wait behind the records before them; unaligned ones overtake them after %s", span(wait)),
		notes: []string{"unaligned checkpoints hold the records in flight and grow by them; pointwise and broadcast connections stay aligned, and a job with " +
			"a custom partitioner fails to start with them unless execution.checkpointing.unaligned.forced is set: check the job graph first"},
	}
}

// unalignedHarms says what forbids unaligned checkpoints.
func (v *view) unalignedHarms() string {
	s := &v.s.Settings
	switch {
	case !s.Unaligned.Known || !s.ExactlyOnce.Known || !s.MaxConcurrent.Known:
		return "the checkpointing mode in force could not be read"
	case !s.ExactlyOnce.Value:
		return "Flink ignores unaligned checkpoints with at-least-once"
	case s.MaxConcurrent.Value > 1:
		return fmt.Sprintf("Flink rejects a job with unaligned checkpoints and %d at a time", s.MaxConcurrent.Value)
	case v.version.line(1, 20) && v.version.patch == 1, v.version.line(2, 0) && v.version.patch == 0, v.version.line(1, 19) && v.version.patch == 2:
		return fmt.Sprintf("on Flink %s they have no effect in jobs with a Sink V2 (FLINK-37870)", v.s.Job.FlinkVersion)
	}
	return ""
}

func isZeroDuration(text string) bool {
	d, ok := durationOf(text)
	return ok && d == 0
}

package plan

import (
	"fmt"
	"slices"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// savepointMode asks for a person's word: the flip to last-state is theirs to allow. With upgradeMode savepoint the stop with savepoint
// runs under the old timeout, fails, and restarts the job each time (six times in four minutes on operator 1.7.0).
func savepointMode(v *view, r *model.Remedy) model.Refusal {
	if t := v.object(r); r.Cost == api.CostJobRestart && t.Kind == kindSessionJob && t.UpgradeMode == "savepoint" {
		return v.savepointOfSessionJob()
	}
	flips := slices.ContainsFunc(r.Changes, func(c model.Change) bool { return c.Field == fieldUpgradeMode })
	if !flips || v.in.Controls.Approved == r.Hash {
		return model.Refusal{}
	}
	return saying("job.upgradeMode is savepoint: the stop with savepoint would run under the present timeout, fail and restart the job each time; "+
		"the remedy sets last-state in the same apply, and that needs your word: %s", toApprove(r))
}

// savepointOfSessionJob lets a FlinkSessionJob pass whose savepoints still complete. Its upgradeMode is never flipped: the Flink operator refused
// last-state for session jobs ("The LAST_STATE upgrade mode is not supported in session job now.", measured on 1.7.0) until FLINK-35414 in 1.10, and
// nothing in the cluster that we may read tells its version.
func (v *view) savepointOfSessionJob() model.Refusal {
	why := v.savepointFails()
	if why == "" {
		return model.Refusal{}
	}
	return saying("job.upgradeMode is savepoint and the stop with savepoint would fail and restart the job each time: %s. The Flink operator takes last-state for a "+
		"FlinkSessionJob from 1.10 on: where yours is, set it to last-state, which restarts nothing; where it is older, submit the job anew with the new values", why)
}

// savepointFails says why a stop with savepoint would not complete under the present timeout; empty where it would.
func (v *view) savepointFails() string {
	timeout := v.s.Settings.Timeout
	switch {
	case v.d.Health != api.HealthAtRisk || v.d.Counts.Expired > 0 || v.s.Checkpoints.LatestCompleted == nil:
		return "checkpoints do not complete, and a savepoint has the same timeout"
	case !timeout.Known:
		return "the timeout in force is not known"
	}
	took, what := v.savepointTakes()
	if most := times(timeout.Value, completesPercent/100.0); took <= 0 || took > most {
		return fmt.Sprintf("%s takes %s of the timeout of %s", what, pick(took > 0, span(took), "a time that is not known"), span(timeout.Value))
	}
	return ""
}

// savepointTakes is how long a savepoint takes, which is written whole and aligned; 0 where that cannot be told. A savepoint that completed tells, else
// the longest checkpoint, times what an incremental one leaves out.
func (v *view) savepointTakes() (took time.Duration, what string) {
	if took, what = v.lastSavepoint(); took > 0 {
		return took, what
	}
	if unaligned := v.s.Settings.Unaligned; !unaligned.Known || unaligned.Value {
		return 0, "a savepoint is aligned, checkpoints are not or it is not known, and it"
	}
	latest := v.s.Checkpoints.LatestCompleted
	if whole, part := latest.StateSize, latest.CheckpointedSize; part > 0 && whole > part {
		return times(v.d.Facts.Max, float64(whole)/float64(part)), "the longest checkpoint, by the whole state that a savepoint writes,"
	}
	return v.d.Facts.Max, "the longest checkpoint"
}

// lastSavepoint is how long the newest completed savepoint of the history took; 0 where there is none.
func (v *view) lastSavepoint() (took time.Duration, what string) {
	for i := range v.s.Checkpoints.History {
		if c := &v.s.Checkpoints.History[i]; c.Savepoint && c.Status == model.CheckpointCompleted && c.Duration > 0 {
			return c.Duration, fmt.Sprintf("savepoint %d", c.ID)
		}
	}
	return 0, ""
}

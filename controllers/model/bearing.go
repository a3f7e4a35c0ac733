package model

import (
	"slices"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

// bearsFor is how long what a job was like before such a remedy is held against it: two weeks hold what comes and goes with a weekend or a
// release of the storage team. What lasts longer is how the job is now.
const bearsFor = 14 * 24 * time.Hour

// Options of Flink that several packages judge or write by name.
const (
	KeyTimeout  = "execution.checkpointing.timeout"
	KeyInterval = "execution.checkpointing.interval"
)

// bearingFields are what gives slow uploads more time and changes nothing about how slow they are.
var bearingFields = []string{KeyTimeout, KeyInterval, "execution.checkpointing.min-pause", FieldUpgradeMode}

// bearableCauses slow uploads down from outside of what a longer timeout changes.
var bearableCauses = []api.Cause{api.CauseSlowStateBackend, api.CauseNetworkLatency, api.CauseTaskManagerPressure}

// Bearing is the newest remedy in force for a cause of slow uploads, where it only bears that cause: a longer timeout, alone or with fields that leave
// uploads as slow as they are, not undone and not judged Ineffective or Harmful. One for another cause, such as more CPU for the JobManager, makes uploads
// no faster and hides none. nil where there is none, where it is older than two weeks, or where another timeout is in force since.
func (s *Snapshot) Bearing(now time.Time) *Receipt {
	for i := range s.Target.Receipts {
		r := &s.Target.Receipts[i]
		if !r.InForce() || !slices.Contains(bearableCauses, r.Cause) {
			continue
		}
		if s.bears(r) && now.Sub(r.AppliedAt) < bearsFor {
			return r
		}
		return nil
	}
	return nil
}

func (s *Snapshot) bears(r *Receipt) bool {
	if r.Outcome != api.OutcomeEffective && r.Outcome != api.OutcomeInconclusive && !r.Pending() {
		return false
	}
	longer := false
	for i := range r.Changes {
		c := &r.Changes[i]
		if !slices.Contains(bearingFields, c.Field) {
			return false
		}
		longer = longer || c.Field == KeyTimeout && s.timeoutIs(c.To)
	}
	return longer
}

// timeoutIs tells whether a timeout is in force; where none is known nothing contradicts it.
func (s *Snapshot) timeoutIs(text string) bool {
	wanted, err := ParseDuration(text)
	return err == nil && (!s.Settings.Timeout.Known || s.Settings.Timeout.Value == wanted)
}

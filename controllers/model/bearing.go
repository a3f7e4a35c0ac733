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

// onlyBears tells whether an option of Flink gives slow uploads more time and leaves them as slow as they are.
func onlyBears(field string) bool { return slices.Contains(bearingFields, field) }

// Bearing is the newest remedy in force for a cause of slow uploads, where it only bears that cause: a longer timeout, alone or with fields that leave
// uploads as slow as they are, not undone and not judged Ineffective or Harmful. One for another cause, such as more CPU for the JobManager, makes uploads
// no faster and hides none, even where it made the timeout longer still. nil where there is none, where it is older than two weeks, or where the timeout in
// force is none that a remedy wrote since.
func (s *Snapshot) Bearing(now time.Time) *Receipt {
	for i := range s.Target.Receipts {
		r := &s.Target.Receipts[i]
		if !r.InForce() || !slices.Contains(bearableCauses, r.Cause) {
			continue
		}
		if s.bears(i) && now.Sub(r.AppliedAt) < bearsFor {
			return r
		}
		return nil
	}
	return nil
}

// bears tells it of one of the receipts.
func (s *Snapshot) bears(index int) bool {
	r := &s.Target.Receipts[index]
	if r.Outcome != api.OutcomeEffective && r.Outcome != api.OutcomeInconclusive && !r.Pending() {
		return false
	}
	longer := false
	for i := range r.Changes {
		c := &r.Changes[i]
		if !onlyBears(c.Field) {
			return false
		}
		longer = longer || c.Field == KeyTimeout && s.timeoutSince(s.Target.Receipts[:index+1], c.To)
	}
	return longer
}

// timeoutSince tells whether the timeout in force is at least as long as one that was written, and is that or what a newer remedy wrote, for
// whatever cause. Where none is known nothing contradicts it.
func (s *Snapshot) timeoutSince(receipts []Receipt, written string) bool {
	least, err := ParseDuration(written)
	if err != nil {
		return false
	}
	timeout := s.Settings.Timeout
	return !timeout.Known || timeout.Value == least || timeout.Value > least && slices.ContainsFunc(receipts, func(r Receipt) bool {
		return slices.ContainsFunc(r.Changes, func(c ChangeRecord) bool {
			value, err := ParseDuration(c.To)
			return err == nil && c.Field == KeyTimeout && value == timeout.Value
		})
	})
}

package report

import (
	"bytes"
	"reflect"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

// How long figures that move on their own may stand in status before they are renewed. Healthy jobs have no such figures.
const (
	// refreshSick is for jobs that are sick or cannot be judged: four writes an hour at most.
	refreshSick = 15 * time.Minute
	// refreshPending is for jobs whose remedy is being verified, and for targets that are being upgraded: people watch. It also is for what is
	// named as missing of a job that is sick or cannot be judged: with the next pass as a rule, and where an overloaded JobManager leaves out
	// something else each time, not more often than this.
	refreshPending = time.Minute
)

// RefreshAfter is after what time next is written over old where its figures alone moved; 0 means never. missing tells that what is named as
// missing is something else than before.
func RefreshAfter(next *api.CheckpointHealthStatus, missing bool) time.Duration {
	healthy := next.Health == api.HealthHealthy
	switch {
	case next.LastOutcome == api.OutcomePending, upgrading(next):
		return refreshPending
	case missing:
		if healthy {
			return refreshSick // a job that is well can wait, but not for ever
		}
		return refreshPending
	case healthy:
		return 0
	}
	return refreshSick
}

// upgrading tells whether the job cannot be judged because its target is being upgraded.
func upgrading(s *api.CheckpointHealthStatus) bool {
	healthy := meta.FindStatusCondition(s.Conditions, api.ConditionCheckpointsHealthy)
	return healthy != nil && healthy.Reason == api.ReasonUpgrading
}

// Changed tells whether next says something that old does not: another health, cause, verdict, outcome, recommendation, setting, reason.
// Figures that move on their own (ages, counts within the window, durations, scores, the wording of evidence) are no change.
func Changed(old, next *api.CheckpointHealthStatus) bool {
	both := essence(make([]byte, 0, essenceRoom), old)
	first := len(both)
	both = essence(both, next)
	return !bytes.Equal(both[:first], both[first:])
}

// Merge returns the status to keep and whether it is worth a write: next where something changed or where a refresh is due and any figure
// moved, else old, byte for byte. So an object at rest is never written. What is returned shares its lists with the one it is.
func Merge(old, next *api.CheckpointHealthStatus, refreshDue bool) (api.CheckpointHealthStatus, bool) {
	if Changed(old, next) || (refreshDue && !sameFigures(old, next)) {
		return *next, true
	}
	return *old, false
}

// sameFigures tells whether two statuses are equal but for the time stamp of their assessments.
func sameFigures(old, next *api.CheckpointHealthStatus) bool {
	a, b := old.DeepCopy(), next.DeepCopy()
	a.Assessment, b.Assessment = unstamped(a.Assessment), unstamped(b.Assessment)
	return reflect.DeepEqual(a, b)
}

func unstamped(lines []string) []string {
	if n := len(lines); n > 0 && strings.HasPrefix(lines[n-1], stampPrefix) {
		return lines[:n-1]
	}
	return lines
}

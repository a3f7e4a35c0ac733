package diagnose

import (
	"slices"
	"strings"
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// Without the timeout in force nothing is said of durations against one: Flink's default may be a sixth of it. An expiry tells it.
func TestAGuessedTimeoutIsNoFact(t *testing.T) {
	for name, s := range map[string]*model.Snapshot{
		"long ones":        add(jobOf(4), times(5, completed(9*time.Minute))...),
		"longer ones":      add(jobOf(4), times(5, completed(25*time.Minute))...),
		"one pending":      add(jobOf(4), append([]model.Checkpoint{pendingFor(45 * time.Minute)}, times(5, completed(time.Second))...)...),
		"longer than ever": pastOf(add(jobOf(4), times(5, completed(5*time.Minute))...), time.Second),
	} {
		s.Settings.Timeout = model.Setting[time.Duration]{}
		d := diagnosed(t, s)
		if d.Health != api.HealthHealthy || !strings.Contains(d.Message, "timeout in force is not known") || strings.Contains(d.Message, "10m") {
			t.Errorf("%s: %s: %s", name, d.Health, d.Message)
		}
	}
	s := add(jobOf(4), times(5, expired())...)
	s.Settings.Timeout = model.Setting[time.Duration]{}
	if d := diagnosed(t, s); d.Health != api.HealthUnhealthy || !strings.Contains(d.Message, "expired at 10m") {
		t.Errorf("expiries tell the timeout: %s: %s", d.Health, d.Message)
	}
	declined := add(jobOf(4), times(5, failed(model.FailureDeclined, "Checkpoint was declined.", time.Second))...)
	declined.Settings.Timeout = model.Setting[time.Duration]{}
	d := diagnosed(t, declined)
	if f := finding(&d, api.CauseSlowCleanup, ""); !slices.Contains(f.Missing, "the checkpoint timeout in force") {
		t.Errorf("nobody misses the timeout: %v", f.Missing)
	}
}

func pastOf(s *model.Snapshot, d time.Duration) *model.Snapshot {
	s.Past.HealthyDuration = d
	return s
}

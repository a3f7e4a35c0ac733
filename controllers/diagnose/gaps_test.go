package diagnose

import (
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// Checkpoints of a healthy job that begin ten minutes apart, once, are late, unless the configuration lets them be as rare while sources process
// a backlog: whether they do no answer of Flink's tells.
func TestTheIntervalDuringBacklogExplainsGaps(t *testing.T) {
	for _, tt := range []struct {
		name string
		set  func(*model.Snapshot)
		want api.Health
	}{
		{"not set", func(*model.Snapshot) {}, api.HealthAtRisk},
		{"as long", func(s *model.Snapshot) { s.Settings.Cluster = map[string]string{keyIntervalBacklog: "10 min"} }, api.HealthHealthy},
		{"on the FlinkSessionJob", func(s *model.Snapshot) { s.Target.Config = map[string]string{keyIntervalBacklog: "15m"} }, api.HealthHealthy},
		{"beside the session cluster", func(s *model.Snapshot) {
			s.Target.Others = []model.Target{{Config: map[string]string{keyIntervalBacklog: "15m"}}}
		}, api.HealthHealthy},
		{"none meanwhile", func(s *model.Snapshot) { s.Settings.Cluster = map[string]string{keyIntervalBacklog: "0"} }, api.HealthHealthy},
		{"not that long", func(s *model.Snapshot) { s.Settings.Cluster = map[string]string{keyIntervalBacklog: "1 min"} }, api.HealthAtRisk},
		{"not a duration", func(s *model.Snapshot) { s.Settings.Cluster = map[string]string{keyIntervalBacklog: "often"} }, api.HealthAtRisk},
	} {
		s := withTimeout(jobOf(4), time.Minute, 30*time.Second)
		add(s, times(4, completed(500*time.Millisecond))...)
		for i, ago := range []time.Duration{0, 10 * time.Minute, 10*time.Minute + 30*time.Second, 11 * time.Minute} {
			s.Checkpoints.History[i].Trigger = testNow.Add(-ago)
		}
		tt.set(s)
		if d := diagnosed(t, s); d.Health != tt.want {
			t.Errorf("%s: %s (%s), want %s", tt.name, d.Health, d.Message, tt.want)
		}
	}
}

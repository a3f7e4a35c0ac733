package diagnose

import (
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// A checkpoint that has been pending for long counts as one that took as long: with another slow one the job is at risk before any expires.
func TestAPendingCheckpointCountsAsASlowOne(t *testing.T) {
	pending := func(d time.Duration) model.Checkpoint {
		return model.Checkpoint{Status: model.CheckpointInProgress, Duration: d}
	}
	quick := completed(seconds(5))
	for _, tt := range []struct {
		name        string
		checkpoints []model.Checkpoint
		want        api.Health
	}{
		{"one slow, one pending for half the timeout", []model.Checkpoint{pending(seconds(310)), completed(seconds(305)), quick, quick}, api.HealthAtRisk},
		{"only one pending", []model.Checkpoint{pending(seconds(110)), quick, quick, quick}, api.HealthHealthy},
		{"one slow, one pending for a while", []model.Checkpoint{pending(seconds(100)), completed(seconds(305)), quick, quick}, api.HealthHealthy},
		{"several times the past, one of them pending", []model.Checkpoint{pending(seconds(150)), completed(seconds(130)), quick, quick, quick, quick}, api.HealthAtRisk},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := add(jobOf(2), tt.checkpoints...)
			s.Past.HealthyDuration = seconds(5)
			if d := diagnosed(t, s); d.Health != tt.want {
				t.Errorf("%s (%s), want %s", d.Health, d.Message, tt.want)
			}
		})
	}
}

// A job that has come to another level and stays there is not at risk; one that still grows, or that comes near its timeout, is.
func TestALevelIsNoRisk(t *testing.T) {
	row := func(durations ...float64) []model.Checkpoint {
		var all []model.Checkpoint
		for _, d := range durations {
			all = append(all, completed(seconds(d)))
		}
		return all
	}
	for _, tt := range []struct {
		name      string
		durations []float64
		want      api.Health
	}{
		{"steady for eight", []float64{220, 200, 260, 230, 210, 240, 220, 230, 3}, api.HealthHealthy},
		{"steady for four", []float64{220, 200, 260, 230, 3, 3, 3, 3}, api.HealthAtRisk},
		{"it grows", []float64{290, 270, 240, 210, 180, 150, 120, 90}, api.HealthAtRisk},
		{"steady near the timeout", []float64{320, 330, 320, 330, 320, 330, 320, 330}, api.HealthAtRisk},
	} {
		s := add(jobOf(2), row(tt.durations...)...)
		s.Past.HealthyDuration = seconds(3)
		if d := diagnosed(t, s); d.Health != tt.want {
			t.Errorf("%s: %s (%s), want %s", tt.name, d.Health, d.Message, tt.want)
		}
	}
}

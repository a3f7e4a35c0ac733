package diagnose

import (
	"testing"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// uploadsAt is a job whose state subtasks upload at a rate in MiB/s when its checkpoints expire; healthy is what it had before, 0 for not known.
func uploadsAt(now, healthy float64) *model.Snapshot {
	bytes := int64(now * 675 * mib)
	s := expiredThrice(4, shares{all(quick), all(entry(bytes, 0.1, 0.1, 0.1, 675, 0.1)), all(quick)})
	s.Checkpoints.History = s.Checkpoints.History[:3] // the quick one has left the history
	s.Checkpoints.LatestCompleted = nil
	if healthy > 0 {
		s.Past.HealthyUploadRate = model.Measured(healthy * mib)
	}
	return s
}

// A rate is normal by what the job itself had while it was healthy. Above the floor without that it says nothing either way.
func TestARateIsNormalByTheJobsOwnPast(t *testing.T) {
	for _, tt := range []struct {
		now, healthy           float64
		slow, normal, asksPast bool
	}{
		{20, 0, false, false, true}, // 200 it may have had
		{0.5, 0, true, false, false},
		{20, 22, false, true, false},
		{20, 30, false, true, false},
		{20, 60, false, false, false}, // between a quarter and a half
		{20, 200, true, false, false},
	} {
		f := featuresOf(t, uploadsAt(tt.now, tt.healthy))
		slow, normal := slowRate(f), normalRate(f)
		if (slow.state == present) != tt.slow || (normal.state == present) != tt.normal || (normal.state == unknownSign) != tt.asksPast {
			t.Errorf("%g MiB/s with %g in the past: slow %v, normal %v", tt.now, tt.healthy, slow, normal)
		}
	}
}

// Where the rate stayed what it was with less state, the bytes grew and the storage is as ever; where the bytes are the same nothing tells.
func TestTheRateOfSmallerCheckpoints(t *testing.T) {
	for _, tt := range []struct {
		name          string
		before        float64 // seconds that a completed checkpoint took
		bytes         int64   // of a subtask in it
		normal, known bool
	}{
		{"less state at the same rate", 300, 6000 * mib, true, true},
		{"less state at a quicker rate", 151, 8000 * mib, false, true},
		{"the same state", 500, 13000 * mib, false, false},
	} {
		s := uploadsAt(20, 0)
		for i := range s.Checkpoints.History {
			s.Checkpoints.History[i].CheckpointedSize = 4 * 13500 * mib
		}
		c := detailed(completed(seconds(tt.before)), 4, shares{all(quick), all(entry(tt.bytes, 0.1, 0.1, 0.1, tt.before, 0.1)), all(quick)})
		c.CheckpointedSize = 4 * tt.bytes
		s.Checkpoints.History = append(s.Checkpoints.History, c)
		f := featuresOf(t, s)
		if n := normalRate(f); (n.state == present) != tt.normal || f.upload.healthy.Known != tt.known {
			t.Errorf("%s: normal %v, of %v", tt.name, n, f.upload.healthy)
		}
	}
}

// A rate that is known and not slow is no slow storage, however long the uploads take.
func TestSlowStorageNeedsASlowRate(t *testing.T) {
	for healthy, likely := range map[float64]bool{0: false, 22: false, 60: false, 200: true} {
		s := uploadsAt(20, healthy)
		dumps(s, append(idleThreads(state, 4), uploadThread(0), uploadThread(1))...)
		d := diagnosed(t, s)
		if f := findingOf(&d, api.CauseSlowStateBackend); f.Score >= likelyScore != likely {
			t.Errorf("20 MiB/s with %g in the past: %s with %d", healthy, f.Verdict, f.Score)
		}
	}
}

package diagnose

import (
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// A JobManager without CPU or heap is likely the cause only where its own part of a checkpoint was late, or nothing failed yet.
func TestAnOverloadNeedsAnEffect(t *testing.T) {
	none := func(*model.Snapshot) {}
	for _, tt := range []struct {
		name   string
		make   func() *model.Snapshot
		change func(*model.Snapshot)
		likely bool
	}{
		{"expiries without details", func() *model.Snapshot { return add(jobOf(4), times(5, expired())...) }, none, false},
		{"expiries without details, late ones", func() *model.Snapshot { return add(jobOf(4), times(5, expired())...) },
			func(s *model.Snapshot) { s.Checkpoints.History[0].Duration += 2 * time.Minute }, true},
		{"failures that are no expiries", func() *model.Snapshot {
			return add(jobOf(4), times(5, failed(model.FailureDeclined, "Checkpoint was declined.", time.Second))...)
		}, none, false},
		{"expiries with quick acknowledgements", func() *model.Snapshot {
			return expiredThrice(4, shares{all(quick), all(entry(mib, 0.1, 0.1, 0.1, 660, 0.1)), all(quick)})
		}, none, false},
		{"acknowledged late everywhere", func() *model.Snapshot {
			late := all(entry(mib, 0.1, 0, 0.1, 0.2, 640))
			return expiredThrice(4, shares{late, late, late})
		}, none, true},
		{"at risk", func() *model.Snapshot { return add(jobOf(4), times(5, completed(time.Second))...) }, none, true},
	} {
		for sub, starve := range map[api.SubCause]func(*model.Snapshot){
			api.SubCauseCPU: func(s *model.Snapshot) {
				s.JobManager.CPUUsage, s.Requests = model.Measured(0.99), model.RequestTimes{Count: 3, Median: 700 * time.Millisecond, Max: time.Second}
			},
			api.SubCauseHeap: func(s *model.Snapshot) { s.JobManager.GCShare = model.Measured(0.7) },
		} {
			s := tt.make()
			tt.change(s)
			starve(s)
			d := diagnosed(t, s)
			f := finding(&d, api.CauseJobManagerOverload, sub)
			if likely := f.Score >= likelyScore; likely != tt.likely {
				t.Errorf("%s: %s is %s with %d", tt.name, sub, f.Verdict, f.Score)
			}
		}
	}
}

// A JVM at its load whose limit nobody knows: what only a lack of CPU does to checkpoints is that every trigger waits, for all subtasks alike, while
// nothing is collected and no thread is in a delete.
func TestAJobManagerThatDoesNotGetToTrigger(t *testing.T) {
	starved := func(start, load float64, answers time.Duration) *model.Snapshot {
		late := all(entry(mib, start, 0.1, 0.1, 0.2, 3))
		slow := detailed(completed(seconds(start+4)), 4, shares{late, late, late})
		s := add(jobOf(4), times(4, slow)...)
		s.Past.HealthyDuration = seconds(2)
		s.JobManager.CPUUsage, s.JobManager.CPULimit, s.JobManager.CPULoad = model.Measure{}, model.Measure{}, model.Measured(load)
		s.Requests = model.RequestTimes{Count: 12, Median: answers, Max: 2 * answers}
		return s
	}
	for _, tt := range []struct {
		name    string
		s       *model.Snapshot
		likely  bool
		network bool
	}{
		{"all begin late, and the JVM is at its load", starved(380, 0.92, 300*time.Millisecond), true, false},
		{"and its answers take a second", starved(380, 0.97, time.Second), true, false},
		{"all begin late, and the JVM has time", starved(380, 0.05, 4*time.Millisecond), false, false},
	} {
		f := featuresOf(t, tt.s)
		if a := jobManagerCPU.assess(f); (a.finding.Score >= likelyScore) != tt.likely {
			t.Errorf("%s: CPU %d of %+v", tt.name, a.finding.Score, a.finding.Evidence)
		}
		if a := networkLatency.assess(f); (a.finding.Score >= likelyScore) != tt.network {
			t.Errorf("%s: network %d of %+v", tt.name, a.finding.Score, a.finding.Evidence)
		}
	}
}

// In a JobManager that is slow at whatever it does, a metadata write that takes long is no slow storage and no failing one.
func TestASlowJobManagerWritesMetadataSlowly(t *testing.T) {
	for _, tt := range []struct {
		name    string
		answers time.Duration
		want    bool
	}{{"it answers at once", 5 * time.Millisecond, true}, {"it answers in seconds", 3 * time.Second, false}} {
		s := add(jobOf(2), model.Checkpoint{Status: model.CheckpointInProgress, Duration: 9 * time.Minute, Subtasks: 6, Acknowledged: 6}, expired(), expired())
		dumps(s, jobManagerThread("jobmanager-io-thread-1", "org.apache.flink.runtime.checkpoint.PendingCheckpoint.finalizeCheckpoint",
			"org.apache.flink.runtime.checkpoint.CheckpointCoordinator.completePendingCheckpoint"))
		s.Requests = model.RequestTimes{Count: 12, Median: tt.answers, Max: tt.answers}
		f := featuresOf(t, s)
		if f.threads.ioMetadata == 0 {
			t.Fatalf("%s: no thread is seen in a metadata write", tt.name)
		}
		if got := f.slowMetadata(); got != tt.want {
			t.Errorf("%s: slow metadata %t, want %t", tt.name, got, tt.want)
		}
	}
}

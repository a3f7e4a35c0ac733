package diagnose

import (
	"slices"
	"strings"
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

func history(parts ...[]model.Checkpoint) []model.Checkpoint { return slices.Concat(parts...) }

func withTimeout(s *model.Snapshot, timeout, interval time.Duration) *model.Snapshot {
	s.Settings.Timeout, s.Settings.Interval = set(timeout), set(interval)
	return s
}

func pendingFor(d time.Duration) model.Checkpoint {
	return model.Checkpoint{Status: model.CheckpointInProgress, Duration: d, Subtasks: 12}
}

var quickOnes = times(10, completed(20*time.Second))

// healthCases are jobs and what is to be said of them.
var healthCases = []struct {
	name string
	make func() *model.Snapshot
	want api.Health
	says string
}{
	{"checkpoints complete quickly", func() *model.Snapshot { return add(jobOf(4), quickOnes...) }, api.HealthHealthy, "10 of 10 checkpoints completed, median 20s of a timeout of 10m"},
	{"two expire: a pattern", func() *model.Snapshot { return add(jobOf(4), history(times(2, expired()), quickOnes)...) }, api.HealthUnhealthy, "the last 2 of 10 checkpoints expired at 10m"},
	{"expiries between completed ones", func() *model.Snapshot {
		return add(jobOf(4), completed(time.Minute), expired(), completed(time.Minute), expired(), completed(time.Minute))
	}, api.HealthUnhealthy, "2 of the last 5 checkpoints expired at 10m"},
	{"one fresh expiry is no pattern yet", func() *model.Snapshot { return add(jobOf(4), history(times(1, expired()), quickOnes)...) }, api.HealthAtRisk, "1 of the last 10"},
	{"one old failure", func() *model.Snapshot {
		return add(jobOf(4), history(times(5, completed(20*time.Second)), times(1, expired()), quickOnes)...)
	}, api.HealthHealthy, ""},
	{"old expiries behind three completed ones", func() *model.Snapshot {
		return add(jobOf(4), history(times(3, completed(20*time.Second)), times(7, expired()))...)
	}, api.HealthHealthy, ""},
	{"two completed ones after a spell are not three", func() *model.Snapshot {
		return add(jobOf(4), history(times(2, completed(20*time.Second)), times(8, expired()))...)
	}, api.HealthUnhealthy, "8 of the last 10"},
	{"a spell ended by a restart is watched until three completed", func() *model.Snapshot {
		s := add(jobOf(4), completed(20*time.Second))
		s.Past.Health = api.HealthUnhealthy
		return s
	}, api.HealthAtRisk, "recovering: 1 of 3"},
	{"repeated failures that are no expiries", func() *model.Snapshot {
		return add(jobOf(4), times(6, failed(model.FailureAsync, "Asynchronous task checkpoint failed.", 100*time.Millisecond))...)
	}, api.HealthUnhealthy, "6 of the last 6 checkpoints failed: Asynchronous task checkpoint failed."},
	{"restarts that lose every checkpoint", func() *model.Snapshot {
		return add(jobOf(4), times(6, failed(model.FailureFailover, "Checkpoint Coordinator is suspending.", 100*time.Millisecond))...)
	}, api.HealthUnhealthy, "failed: Checkpoint Coordinator is suspending."},
	{"one failure and nothing completed", func() *model.Snapshot {
		return add(jobOf(4), failed(model.FailureDeclined, "Checkpoint was declined.", time.Second))
	}, api.HealthAtRisk, "1 of the last 1 checkpoints failed, none completed: Checkpoint was declined."},
	{"one lost with a restart and nothing completed", func() *model.Snapshot {
		return add(jobOf(4), failed(model.FailureFailover, "Checkpoint Coordinator is suspending.", time.Second))
	}, api.HealthUnknown, "no checkpoint has completed yet; 1 ended with a restart of the job"},
	{"a job restarted minutes ago", func() *model.Snapshot {
		s := add(jobOf(4), history(times(3, completed(20*time.Second)), times(1, failed(model.FailureFailover, "Checkpoint Coordinator is suspending.", time.Second)), quickOnes)...)
		s.Job.RunningSince = testNow.Add(-4 * time.Minute)
		return s
	}, api.HealthHealthy, ""},
	{"subsumed and refused triggers say nothing", func() *model.Snapshot {
		return add(jobOf(4), history(times(4, failed(model.FailureOther, "Checkpoint has been subsumed.", time.Second)),
			times(4, failed(model.FailureTrigger, "Not all required tasks are currently running.", time.Second)), quickOnes)...)
	}, api.HealthHealthy, ""},
	{"failed triggers that are only counted", func() *model.Snapshot {
		s := add(jobOf(4), quickOnes...)
		s.Checkpoints.Counts.Failed = 400
		return s
	}, api.HealthHealthy, ""},
	{"failed savepoints", func() *model.Snapshot {
		save := expired()
		save.Savepoint = true
		return add(jobOf(4), history(times(4, save), quickOnes)...)
	}, api.HealthHealthy, ""},
	{"pending for twice the timeout", func() *model.Snapshot {
		return add(jobOf(4), history([]model.Checkpoint{pendingFor(20 * time.Minute)}, quickOnes)...)
	},
		api.HealthUnhealthy, "has been pending for 20m under a timeout of 10m"},
	{"pending beyond the timeout", func() *model.Snapshot {
		return add(jobOf(4), history([]model.Checkpoint{pendingFor(11 * time.Minute)}, quickOnes)...)
	},
		api.HealthAtRisk, "longer than its timeout"},
	{"pending for long, not beyond", func() *model.Snapshot {
		return add(jobOf(4), history([]model.Checkpoint{pendingFor(9 * time.Minute)}, quickOnes)...)
	}, api.HealthHealthy, ""},
	{"completed beyond the timeout", func() *model.Snapshot { return add(jobOf(4), times(4, completed(15*time.Minute))...) }, api.HealthAtRisk, "its timer began late"},
	{"half the timeout", func() *model.Snapshot { return add(jobOf(4), times(5, completed(6*time.Minute))...) }, api.HealthAtRisk, "half the timeout"},
	{"only the first after a start took long", func() *model.Snapshot {
		return add(jobOf(4), history(times(4, completed(20*time.Second)), times(1, completed(6*time.Minute)))...)
	},
		api.HealthHealthy, ""},
	{"long but steady below half", func() *model.Snapshot { return add(jobOf(4), times(10, completed(4*time.Minute))...) }, api.HealthHealthy, ""},
	{"several times its own past", func() *model.Snapshot {
		s := add(jobOf(4), times(5, completed(2*time.Minute))...)
		s.Past.HealthyDuration = 15 * time.Second
		return s
	}, api.HealthAtRisk, "8 times as long as this job's own 15s"},
	{"several times its own past, as slow as a remedy was effective with", func() *model.Snapshot {
		s := add(jobOf(4), times(5, completed(2*time.Minute))...)
		s.Past.HealthyDuration = 15 * time.Second
		s.Target.Receipts = []model.Receipt{{ID: "a", Outcome: api.OutcomeEffective, MedianMilliseconds: 110000}}
		return s
	}, api.HealthHealthy, ""},
	{"several times what a remedy was effective with", func() *model.Snapshot {
		s := add(jobOf(4), times(5, completed(2*time.Minute))...)
		s.Past.HealthyDuration = 15 * time.Second
		s.Target.Receipts = []model.Receipt{{ID: "a", Outcome: api.OutcomeEffective, MedianMilliseconds: 20000}}
		return s
	}, api.HealthAtRisk, "6 times as long as this job's own 20s"},
	{"what an undone remedy was judged by is no normal", func() *model.Snapshot {
		s := add(jobOf(4), times(5, completed(2*time.Minute))...)
		s.Past.HealthyDuration = 15 * time.Second
		s.Target.Receipts = []model.Receipt{{ID: "a", Outcome: api.OutcomeRolledBack, MedianMilliseconds: 110000}}
		return s
	}, api.HealthAtRisk, "8 times as long as this job's own 15s"},
	{"several times a very small past", func() *model.Snapshot {
		s := add(jobOf(4), times(5, completed(2*time.Second))...)
		s.Past.HealthyDuration = 100 * time.Millisecond
		return s
	}, api.HealthHealthy, ""},
	{"idle sources and an interval of an hour", func() *model.Snapshot {
		s := withTimeout(jobOf(4), 10*time.Minute, time.Hour)
		add(s, times(5, completed(300*time.Millisecond))...)
		for i := range s.Checkpoints.History {
			s.Checkpoints.History[i].Trigger = testNow.Add(-time.Duration(i) * time.Hour)
		}
		return s
	}, api.HealthHealthy, ""},
	{"back to back after a cure", func() *model.Snapshot {
		s := add(jobOf(4), times(10, completed(time.Second))...)
		for i := range s.Checkpoints.History {
			s.Checkpoints.History[i].Trigger = testNow.Add(-time.Duration(i) * time.Second)
		}
		return s
	}, api.HealthHealthy, ""},
	{"nothing finished yet", func() *model.Snapshot { return jobOf(4) }, api.HealthUnknown, "no checkpoint has finished yet"},
	{"not reachable", func() *model.Snapshot {
		s := add(jobOf(4), times(5, expired())...)
		s.Availability = model.Availability{Reason: api.ReasonJobManagerUnreachable, Message: "no answer"}
		return s
	}, api.HealthUnknown, "no answer"},
	{"tasks that never run", func() *model.Snapshot {
		s := jobOf(4)
		s.Job.TasksRunning = 0
		for i := range s.Vertices {
			s.Vertices[i].Status = "SCHEDULED"
		}
		return s
	}, api.HealthUnhealthy, "12 of 12 subtasks have waited to be scheduled for 72h"},
	{"tasks whose TaskManager no node takes", func() *model.Snapshot {
		s := jobOf(4)
		s.Job.TasksRunning = 0
		for i := range s.Vertices {
			s.Vertices[i].Status = "SCHEDULED"
		}
		s.Pods = []model.Pod{{Name: "ledger-tm-1", Unscheduled: "0/3 nodes are available: 3 Insufficient cpu"}, {Name: "ledger-tm-2", Unscheduled: "the same"}}
		return s
	}, api.HealthUnhealthy, "for 72h; pod ledger-tm-1 is not scheduled: 0/3 nodes are available: 3 Insufficient cpu (and 1 more)"},
	{"a graph read before the tasks ran, and not since", func() *model.Snapshot {
		s := add(jobOf(4), times(5, completed(time.Second))...)
		for i := range s.Vertices {
			s.Vertices[i].Status = "SCHEDULED"
		}
		return s
	}, api.HealthHealthy, ""},
	{"tasks that do not run yet", func() *model.Snapshot {
		s := jobOf(4)
		for i := range s.Vertices {
			s.Vertices[i].Status = "DEPLOYING"
		}
		s.Job.RunningSince = testNow.Add(-time.Minute)
		return s
	}, api.HealthUnknown, ""},
	{"a JobManager that only collects garbage", func() *model.Snapshot {
		s := add(jobOf(4), quickOnes...)
		s.JobManager.GCShare, s.JobManager.HeapUsed = model.Measured(0.9), model.Measured(0.7*(1<<30))
		return s
	}, api.HealthAtRisk, "90% of its time collecting garbage"},
	{"a full heap that is not collected much", func() *model.Snapshot {
		s := add(jobOf(4), quickOnes...)
		s.JobManager.HeapUsed = model.Measured(0.95 * (1 << 30))
		return s
	}, api.HealthHealthy, ""},
	{"a JobManager without CPU left", func() *model.Snapshot {
		s := add(jobOf(4), quickOnes...)
		s.JobManager.CPUUsage = model.Measured(0.97)
		return s
	}, api.HealthAtRisk, "97% of its 1 cores"},
	{"a JVM load that nothing else confirms", func() *model.Snapshot {
		s := add(jobOf(4), quickOnes...)
		s.JobManager.CPUUsage, s.JobManager.CPULoad = model.Measure{}, model.Measured(1)
		return s
	}, api.HealthHealthy, ""},
}

func TestHealth(t *testing.T) {
	for _, tt := range healthCases {
		t.Run(tt.name, func(t *testing.T) {
			d := diagnosed(t, tt.make())
			if d.Health != tt.want || !strings.Contains(d.Message, tt.says) {
				t.Errorf("got %s (%s), want %s with %q", d.Health, d.Message, tt.want, tt.says)
			}
			sick := d.Health == api.HealthAtRisk || d.Health == api.HealthUnhealthy
			if sick != (len(d.Findings) > 0) {
				t.Errorf("%s with %d findings", d.Health, len(d.Findings))
			}
		})
	}
}

func TestGapsBetweenCheckpoints(t *testing.T) {
	at := func(offsets ...time.Duration) *model.Snapshot {
		s := withTimeout(jobOf(4), time.Minute, 2*time.Second)
		add(s, times(len(offsets), completed(500*time.Millisecond))...)
		for i := range s.Checkpoints.History {
			s.Checkpoints.History[i].Trigger = testNow.Add(-offsets[i])
		}
		return s
	}
	tests := []struct {
		name string
		s    *model.Snapshot
		want api.Health
	}{
		// Measured with two io threads, a serial cleaner and deletes of 4 s: gaps alternate.
		{"alternating gaps", at(0, 30*time.Second, 32*time.Second, 62*time.Second, 64*time.Second, 94*time.Second), api.HealthAtRisk},
		{"one gap", at(0, 2*time.Second, 32*time.Second, 34*time.Second, 36*time.Second, 38*time.Second), api.HealthHealthy},
		{"as the interval asks", at(0, 2*time.Second, 4*time.Second, 6*time.Second), api.HealthHealthy},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if d := diagnosed(t, tt.s); d.Health != tt.want {
				t.Errorf("got %s (%s), want %s", d.Health, d.Message, tt.want)
			}
		})
	}
	t.Run("a minimal pause is no gap", func(t *testing.T) {
		s := at(0, 30*time.Second, 60*time.Second, 90*time.Second)
		s.Settings.MinPause = set(29 * time.Second)
		if d := diagnosed(t, s); d.Health != api.HealthHealthy {
			t.Errorf("got %s (%s)", d.Health, d.Message)
		}
	})
	t.Run("a restart is no gap", func(t *testing.T) {
		s := at(0, 2*time.Second, 300*time.Second, 302*time.Second)
		s.Job.RunningSince = testNow.Add(-time.Minute)
		if d := diagnosed(t, s); d.Health != api.HealthHealthy {
			t.Errorf("got %s (%s)", d.Health, d.Message)
		}
	})
}

func TestCountsCoverTheWindowOfThePolicy(t *testing.T) {
	s := add(jobOf(4), history(times(2, expired()), times(3, completed(time.Second)), times(4, expired()))...)
	p := testPolicy()
	p.Detection.Window = 6
	d := Diagnose(s, p, testNow)
	want := model.WindowCounts{Window: 6, Completed: 3, Expired: 3, ConsecutiveExpired: 2}
	if d.Counts != want {
		t.Errorf("got %+v, want %+v", d.Counts, want)
	}
}

// A log tells that a checkpoint expired, and neither after how long nor at which timeout: none is invented.
func TestNoTimeoutIsInvented(t *testing.T) {
	for n, want := range map[int]string{1: "1 of the last 1 checkpoints expired; 2 are a pattern", 2: "the last 2 of 2 checkpoints expired"} {
		c := expired()
		c.Duration = 0
		s := add(jobOf(4), times(n, c)...)
		s.Settings.Timeout = model.Setting[time.Duration]{}
		if d := Diagnose(s, testPolicy(), testNow); d.Message != want {
			t.Errorf("%d expired: %q, want %q", n, d.Message, want)
		}
	}
}

func TestTheTimeoutIsGuessedFromExpiries(t *testing.T) {
	s := add(jobOf(4), times(3, expired())...)
	s.Settings.Timeout = model.Setting[time.Duration]{}
	if got, guessed := timeoutOf(s); guessed || got != 10*time.Minute {
		t.Errorf("got %s", got)
	}
	if got, guessed := timeoutOf(jobOf(4)); guessed || got != 10*time.Minute {
		t.Errorf("got %s", got)
	}
}

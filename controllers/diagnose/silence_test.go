package diagnose

import (
	"strings"
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// unansweredCall is what a deployment says whose call nobody answered (Flink 1.20 and 2.2, recorded).
func unansweredCall(ago time.Duration) model.JobException {
	return model.JobException{At: testNow.Add(-ago), Name: "java.lang.Exception", TaskManager: "tm-2",
		Message: "java.lang.Exception: Cannot deploy task Source: orders (2/2) - TaskManager (tm-2 @ node-7 (dataPort=41747)) not responding after a rpcTimeout of 10000 ms"}
}

func lostHeartbeat(ago time.Duration) model.JobException {
	return model.JobException{At: testNow.Add(-ago), Name: "java.util.concurrent.TimeoutException", TaskManager: "tm-2",
		Message: "java.util.concurrent.TimeoutException: The heartbeat of TaskManager with id tm-2 timed out."}
}

// Calls that nobody answers and heartbeats that stop are the network where the JobManager has time and no TaskManager died; then a task that fails is
// a consequence.
func TestATaskManagerThatIsNotHeard(t *testing.T) {
	calls := []model.JobException{unansweredCall(time.Minute), unansweredCall(2 * time.Minute), unansweredCall(3 * time.Minute), unansweredCall(4 * time.Minute)}
	gone := model.JobException{At: testNow.Add(-time.Minute), Name: "org.apache.flink.runtime.jobmaster.JobMasterException",
		Message: "org.apache.flink.runtime.jobmaster.JobMasterException: TaskManager with id tm-2 is no longer reachable."}
	for _, tt := range []struct {
		name   string
		failed []model.JobException
		change func(*model.Snapshot)
		want   api.Cause
	}{
		{"four calls", calls, nil, api.CauseNetworkLatency},
		{"one call", calls[:1], nil, ""},
		{"heartbeats that stopped", []model.JobException{lostHeartbeat(time.Minute), calls[1], calls[2]}, nil, api.CauseNetworkLatency},
		{"heartbeats of one that is heard again", []model.JobException{lostHeartbeat(time.Minute)}, nil, api.CauseNetworkLatency},
		{"heartbeats of one that went with its node", []model.JobException{lostHeartbeat(time.Minute)}, func(s *model.Snapshot) { s.TaskManagers = s.TaskManagers[:1] }, ""},
		{"a process that is gone", []model.JobException{gone, gone, gone}, nil, ""},
		{"one that was killed", calls, func(s *model.Snapshot) {
			s.Pods = []model.Pod{{Name: "tm-2", Component: model.ComponentTaskManager, OOMKilled: true, LastTerminationAt: testNow.Add(-time.Minute)}}
		}, ""},
		{"a JobManager without CPU", calls, func(s *model.Snapshot) { s.JobManager.CPUUsage = model.Measured(0.99) }, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := restarting(time.Hour, tt.failed...)
			if tt.change != nil {
				tt.change(s)
			}
			f := featuresOf(t, s)
			if a := networkLatency.assess(f); (a.finding.Score >= likelyScore) != (tt.want == api.CauseNetworkLatency) {
				t.Errorf("network: %d of %+v", a.finding.Score, a.finding.Evidence)
			}
			if a := taskFailure.assess(f); a.finding.Score >= likelyScore {
				t.Errorf("failing task: %d of %+v", a.finding.Score, a.finding.Evidence)
			}
		})
	}
}

func TestHeartbeatsThatAreLate(t *testing.T) {
	for name, tt := range map[string]struct {
		first, second  time.Duration
		interval, want string
	}{
		"one of two":                          {5 * time.Second, 40 * time.Second, "", "tm-2 was heard 40s ago"},
		"both: a long interval, or the clock": {30 * time.Second, 40 * time.Second, "", ""},
		"none":                                {9 * time.Second, 12 * time.Second, "", ""},
		"one of two, once a minute":           {5 * time.Second, 50 * time.Second, "60000", ""},
		"one that is late for once a minute":  {5 * time.Second, 160 * time.Second, "60000", "tm-2 was heard 2m40s ago"},
	} {
		s := jobOf(2)
		s.TaskManagers[0].LastHeartbeat, s.TaskManagers[1].LastHeartbeat = testNow.Add(-tt.first), testNow.Add(-tt.second)
		if tt.interval != "" {
			s.Settings.Cluster = map[string]string{"heartbeat.interval": tt.interval}
		}
		got := heartbeatsLate(&features{s: s, now: testNow})
		if (got.state == present) != (tt.want != "") || !strings.HasPrefix(got.observed, tt.want) {
			t.Errorf("%s: got %+v, want %q", name, got, tt.want)
		}
	}
}

// Where no checkpoint begins no timeout of theirs is a matter.
func TestAStalledJobIsToldToThePlan(t *testing.T) {
	if d := diagnosed(t, restarting(time.Hour, unansweredCall(time.Minute), unansweredCall(2*time.Minute), unansweredCall(3*time.Minute))); !d.Facts.Stalled {
		t.Error("not told")
	}
	if d := diagnosed(t, add(jobOf(2), times(3, expired())...)); d.Facts.Stalled {
		t.Error("told of a job that runs")
	}
}

package verify

import (
	"strings"
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// gone is the job while the Flink operator redeploys it: REST answers nothing, the resource says all kinds of things.
func gone(lifecycle, jobState, deployment, err string) func(*model.Snapshot) {
	return func(s *model.Snapshot) {
		s.Availability = model.Availability{Reason: api.ReasonUpgrading, Message: "the target is being upgraded"}
		s.Job = model.Job{State: jobState}
		s.Settings, s.Checkpoints = model.Settings{}, model.CheckpointLedger{}
		s.Target.Lifecycle, s.Target.JobState, s.Target.JobManagerDeployment, s.Target.Error = lifecycle, jobState, deployment, err
	}
}

func TestWhatIsTransientIsNoHarm(t *testing.T) {
	mount := `{"type":"DeploymentFailedException","message":"MountVolume.SetUp failed for volume: configmap pod-template-slow not found"}`
	m := time.Minute
	check(t, []verifyCase{
		{"FINISHED during the suspend", treated(), m, gone("UPGRADING", "FINISHED", "MISSING", ""), api.OutcomePending, ""},
		{"CANCELED on the cancel path", treated(), m, gone("UPGRADING", "CANCELED", "MISSING", ""), api.OutcomePending, ""},
		{"ERROR FailedMount", treated(), m, gone("DEPLOYED", "RECONCILING", "ERROR", mount), api.OutcomePending, ""},
		{"RUNNING, no task yet", treated(), 2 * m, func(s *model.Snapshot) { s.Target.Lifecycle = "DEPLOYED" }, api.OutcomePending, ""},
		{"STABLE is late, the checkpoints are not", treated(run(m, completed, completed, completed)...), 6 * m, func(s *model.Snapshot) { s.Target.Lifecycle = "DEPLOYED" }, api.OutcomeEffective, ""},
		{"rolling back", treated(), m, gone("ROLLING_BACK", "", "", ""), api.OutcomePending, ""},
		{"two restarts while it settles", treated(), 5 * m, func(s *model.Snapshot) { s.Job.Restarts = model.Measured(2) }, api.OutcomePending, ""},
		{"restarts of the run before", treated(), time.Second, func(s *model.Snapshot) {
			s.Job.StartTime, s.Checkpoints.LatestRestored, s.Job.Restarts = applied.Add(-time.Hour), nil, model.Measured(40)
		}, api.OutcomePending, ""},
		{"unreachable although STABLE", treated(), 91 * m, func(s *model.Snapshot) {
			s.Availability, s.Job = model.Availability{Reason: api.ReasonJobManagerUnreachable}, model.Job{}
		}, api.OutcomeInconclusive, ""},
		{"its owner suspended it", treated(), 91 * m, func(s *model.Snapshot) {
			gone("SUSPENDED", "FINISHED", "MISSING", "")(s)
			s.Availability.Reason, s.Target.Suspended = api.ReasonJobNotRunning, true
		}, api.OutcomeInconclusive, ""},
	})
}

func TestHarm(t *testing.T) {
	m := time.Minute
	savepoint := model.Checkpoint{ID: 8122, Savepoint: true, Status: failed, Trigger: applied.Add(2 * time.Second),
		Failure: &model.CheckpointFailure{Kind: model.FailureExpired, Message: "Checkpoint expired before completing."}}
	oldRun := func(s *model.Snapshot) {
		s.Target.UpgradeMode, s.Job.StartTime, s.Checkpoints.LatestRestored = "savepoint", applied.Add(-time.Hour), nil
	}
	check(t, []verifyCase{
		{"rolled back", treated(), 10 * m, func(s *model.Snapshot) { s.Target.Reconciliation = "ROLLED_BACK" }, api.OutcomeHarmful, "rolled the deployment back"},
		{"rolled back, lifecycle", treated(), 10 * m, func(s *model.Snapshot) { s.Target.Lifecycle = "ROLLED_BACK" }, api.OutcomeHarmful, "rolled the deployment back"},
		{"deployment failed", treated(), 10 * m, func(s *model.Snapshot) { s.Target.Lifecycle = "FAILED" }, api.OutcomeHarmful, "FAILED"},
		{"job failed", treated(), 10 * m, func(s *model.Snapshot) { s.Job.State = "FAILED" }, api.OutcomeHarmful, "job FAILED after the restart"},
		{"restarts over and over", treated(), 10 * m, func(s *model.Snapshot) { s.Job.Restarts = model.Measured(3) }, api.OutcomeHarmful, "restarted 3 times"},
		{"not back at the deadline", treated(), 91 * m, gone("UPGRADING", "FINISHED", "MISSING", ""), api.OutcomeHarmful, "not back 1h31m after the patch"},
		{"not running at the deadline", treated(), 91 * m, func(s *model.Snapshot) {
			s.Availability = model.Availability{Reason: api.ReasonJobNotRunning, Message: "the job is RESTARTING"}
		}, api.OutcomeHarmful, "RESTARTING"},
		{"state at the deadline", treated(), 91 * m, func(s *model.Snapshot) { s.Job.State = "RESTARTING" }, api.OutcomeHarmful, "RESTARTING"},
		{"SavepointError", treated(), 40 * time.Second, func(s *model.Snapshot) {
			s.Target.Error = "SavepointError: Timed out stopping the job"
		}, api.OutcomeHarmful, "could not stop the job with a savepoint"},
		{"ClusterDeploymentException of 1.7.0", treated(), 40 * time.Second, func(s *model.Snapshot) {
			s.Target.Error = "Timed out stopping the job f2cb with savepoint, please configure a larger timeout via 'execution.checkpointing.timeout'"
		}, api.OutcomeHarmful, "each attempt restarts it"},
		{"the failed savepoint in the history", treated(savepoint), 40 * time.Second, oldRun, api.OutcomeHarmful, "savepoint 8122 of the upgrade failed"},
		{"harm goes before checkpoints that complete", treated(run(m, completed, completed, completed)...), 10 * m, func(s *model.Snapshot) { s.Job.Restarts = model.Measured(9) }, api.OutcomeHarmful, ""},
	})
}

func TestNotBackInTime(t *testing.T) {
	m := time.Minute
	down := func(since time.Duration, look func(*model.Snapshot)) func(*model.Snapshot) {
		return func(s *model.Snapshot) {
			receipt(s).Criterion.ComeBackSeconds = 600
			look(s)
			s.Past.DownSince = applied.Add(since)
		}
	}
	upgrading := gone("UPGRADING", "FINISHED", "MISSING", "")
	restarting := func(s *model.Snapshot) { s.Job.State = "RESTARTING" }
	notFound := func(s *model.Snapshot) { s.Availability.Reason, s.Job = api.ReasonJobNotFound, model.Job{} }
	check(t, []verifyCase{
		{"down for ten minutes", treated(), 11 * m, down(0, upgrading), api.OutcomeHarmful, "not back 11m after the patch"},
		{"not yet", treated(), 9 * m, down(0, upgrading), api.OutcomePending, ""},
		{"down since before the patch counts from the patch", treated(), 9 * m, down(-time.Hour, restarting), api.OutcomePending, ""},
		{"restarting for ten minutes", treated(), 40 * m, down(29*m, restarting), api.OutcomeHarmful, "RESTARTING 40m after the patch"},
		{"a failover at some later moment", treated(), 40 * m, down(40*m, restarting), api.OutcomePending, ""},
		{"the JobManager has just come back and lists no job yet", treated(), 40 * m, down(39*m, notFound), api.OutcomePending, ""},
		{"somebody else's redeploy", treated(), 40 * m, down(20*m, func(s *model.Snapshot) { upgrading(s); s.Target.Generation = 5 }), api.OutcomePending, ""},
		{"nobody saw since when", treated(), 40 * m, func(s *model.Snapshot) { receipt(s).Criterion.ComeBackSeconds = 600; upgrading(s) }, api.OutcomePending, ""},
		{"a moment's absence after the deadline, as a manager sees that has just started", treated(), 91 * m, down(91*m-10*time.Second, upgrading),
			api.OutcomePending, ""},
		{"ten minutes of it", treated(), 102 * m, down(91*m, upgrading), api.OutcomeHarmful, "not back 1h42m after the patch"},
		{"no node has room for what it asks now", treated(), 11 * m, down(0, func(s *model.Snapshot) {
			upgrading(s)
			s.Pods = []model.Pod{{Name: "ledger-1"}, {Name: "ledger-taskmanager-1-1", Unscheduled: "0/3 nodes are available: 3 Insufficient cpu"}}
		}), api.OutcomeHarmful, "pod ledger-taskmanager-1-1 is not scheduled: 0/3 nodes are available: 3 Insufficient cpu"},
		{"its owner suspended it", treated(), 40 * m, down(0, func(s *model.Snapshot) { upgrading(s); s.Target.Suspended = true }), api.OutcomePending, ""},
	})
}

func TestPodsThatNoNodeTakesAreSaidOnce(t *testing.T) {
	s := treated()
	receipt(s).Criterion.ComeBackSeconds = 600
	s.Past.DownSince = applied
	s.Pods = []model.Pod{{Name: "ledger-1", Unscheduled: "0/3 nodes are available: 3 Insufficient cpu"}}
	s.Availability = model.Availability{Reason: api.ReasonJobNotFound, Message: "no job runs"}
	s.Job = model.Job{}
	if v := Verify(s, nil, nil, applied.Add(31*time.Minute)); v.Outcome != api.OutcomeHarmful || strings.Count(v.Message, "ledger-1") != 1 {
		t.Errorf("%s %q, want harm and the pod said once", v.Outcome, v.Message)
	}
}

func TestRestartsWithoutRedeployAreCountedFromTheBaseline(t *testing.T) {
	s := treated()
	receipt(s).Changes[0] = model.ChangeRecord{Field: "kubernetes.operator.x", To: "1"}
	s.Target.Config["kubernetes.operator.x"] = "1"
	receipt(s).Baseline.Restarts = 40
	s.Job.Restarts = model.Measured(41)
	if v := Verify(s, nil, nil, applied.Add(time.Minute)); v.Outcome != api.OutcomePending {
		t.Errorf("one restart more: %s %q", v.Outcome, v.Message)
	}
	s.Job.Restarts = model.Measured(43)
	if v := Verify(s, nil, nil, applied.Add(time.Minute)); v.Outcome != api.OutcomeHarmful {
		t.Errorf("three restarts more: %s %q", v.Outcome, v.Message)
	}
}

// A job that has no slots is RUNNING for Flink, or RESTARTING and RUNNING by turns, and none of its tasks runs.
func TestTasksThatDoNotComeBackAreHarm(t *testing.T) {
	m := time.Minute
	tasks := func(running int, since time.Duration, state string) func(*model.Snapshot) {
		return func(s *model.Snapshot) {
			receipt(s).Criterion.ComeBackSeconds = 600
			s.Job.State, s.Job.TasksTotal, s.Job.TasksRunning, s.Past.TasksDownSince = state, 6, running, applied.Add(since)
		}
	}
	also := func(changes ...func(*model.Snapshot)) func(*model.Snapshot) {
		return func(s *model.Snapshot) {
			for _, change := range changes {
				change(s)
			}
		}
	}
	before := func(s *model.Snapshot) { receipt(s).Baseline.Down = true }
	unreachable := func(deployment string) func(*model.Snapshot) {
		return func(s *model.Snapshot) {
			s.Availability, s.Job = model.Availability{Reason: api.ReasonJobManagerUnreachable}, model.Job{}
			s.Past.DownSince, s.Target.JobManagerDeployment = applied.Add(m), deployment
		}
	}
	check(t, []verifyCase{
		{"none runs by the deadline", treated(), 91 * m, tasks(0, m, "RUNNING"), api.OutcomeHarmful, "down since the remedy: 0 of 6 tasks run 1h31m after the patch"},
		{"one is missing by the deadline", treated(), 91 * m, tasks(5, m, "RUNNING"), api.OutcomeHarmful, "5 of 6 tasks run"},
		{"by turns RESTARTING", treated(), 91 * m, also(tasks(0, m, "RESTARTING"), func(s *model.Snapshot) { s.Past.DownSince = applied.Add(91*m - time.Second) }),
			api.OutcomeHarmful, "down since the remedy: the job is RESTARTING"},
		{"a large state is restored until the deadline", treated(), 89 * m, tasks(0, m, "RUNNING"), api.OutcomePending, ""},
		{"a failover at the deadline", treated(), 91 * m, tasks(5, 91*m-10*time.Second, "RUNNING"), api.OutcomePending, ""},
		{"they ran in between", treated(run(m, completed)...), 102 * m, tasks(0, 91*m, "RUNNING"), api.OutcomeHarmful, "0 of 6 tasks run 1h42m after the patch"},
		{"all run", treated(), 91 * m, also(tasks(6, m, "RUNNING"), func(s *model.Snapshot) { s.Past.TasksDownSince = time.Time{} }), api.OutcomeInconclusive, ""},
		{"it was so before the remedy", treated(), 91 * m, also(tasks(0, -m, "RUNNING"), before), api.OutcomeInconclusive, ""},
		{"it was RESTARTING before the remedy", treated(), 91 * m, also(tasks(0, -m, "RESTARTING"), before), api.OutcomeInconclusive, ""},
		{"no JobManager", treated(), 91 * m, also(tasks(0, m, ""), unreachable("MISSING")), api.OutcomeHarmful, "down since the remedy: no JobManager runs 1h31m after the patch"},
		{"a JobManager that does not answer is missing data", treated(), 91 * m, also(tasks(0, m, ""), unreachable("READY")), api.OutcomeInconclusive, ""},
		{"a JobManager without the job", treated(), 91 * m, also(tasks(0, m, ""), func(s *model.Snapshot) {
			s.Availability, s.Job = model.Availability{Reason: api.ReasonJobNotFound, Message: "the cluster runs no job"}, model.Job{}
		}), api.OutcomeHarmful, "down since the remedy: the job does not run 1h31m after the patch: the cluster runs no job"},
		{"CREATED", treated(), 91 * m, also(tasks(0, m, "CREATED"), func(s *model.Snapshot) {
			s.Availability = model.Availability{Reason: api.ReasonJobNotRunning, Message: "job is CREATED"}
		}), api.OutcomeHarmful, "CREATED"},
		{"FAILED is told at once", treated(), 3 * m, also(tasks(0, m, "FAILED"), func(s *model.Snapshot) {
			s.Availability = model.Availability{Reason: api.ReasonJobNotRunning, Message: "job is FAILED"}
		}), api.OutcomeHarmful, "FAILED after the restart"},
	})
}

// The deadline grows with the timeout that the remedy writes, to five hours and more. The tasks' own bound does not.
func TestTasksThatDoNotComeBackAreHarmWhateverTheTimeoutIs(t *testing.T) {
	m := time.Minute
	tasks := func(since time.Duration) func(*model.Snapshot) {
		return func(s *model.Snapshot) {
			k := &receipt(s).Criterion
			k.DeadlineSeconds, k.ComeBackSeconds, k.TasksBackSeconds = 18375, 600, 3600 // 10m -> 1h
			s.Job.TasksTotal, s.Job.TasksRunning, s.Past.TasksDownSince = 8, 0, applied.Add(since)
		}
	}
	check(t, []verifyCase{
		{"a large state is restored", treated(), 59 * m, tasks(m / 2), api.OutcomePending, ""},
		{"none has run since the patch", treated(), 61 * m, tasks(m / 2), api.OutcomeHarmful, "down since the remedy: 0 of 8 tasks run 1h1m after the patch"},
		{"a manager that started a moment ago has not seen for how long", treated(), 69 * m, tasks(60 * m), api.OutcomePending, ""},
		{"and has then", treated(), 71 * m, tasks(60 * m), api.OutcomeHarmful, "0 of 8 tasks run 1h11m after the patch"},
		{"they ran, and a failover restores", treated(run(m, completed)...), 90 * m, tasks(70 * m), api.OutcomePending, ""},
		{"they ran, and do not come back from one", treated(run(m, completed)...), 131 * m, tasks(70 * m), api.OutcomeHarmful, "0 of 8 tasks run 2h11m after the patch"},
	})
}

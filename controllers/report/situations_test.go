package report

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// at is the present of all situations: 02:51 UTC.
var at = time.Date(2026, 7, 28, 2, 51, 0, 0, time.UTC)

func minutesAgo(n int) time.Time { return at.Add(-time.Duration(n) * time.Minute) }

func known[T any](v T, origin api.SettingOrigin) model.Setting[T] {
	return model.Setting[T]{Value: v, Known: true, Origin: origin}
}

// object is the CheckpointHealth all situations are reported on.
func object() *api.CheckpointHealth {
	return &api.CheckpointHealth{
		TypeMeta: metav1.TypeMeta{APIVersion: "flink.checkpointhealth.dev/v1alpha1", Kind: "CheckpointHealth"},
		ObjectMeta: metav1.ObjectMeta{
			Namespace: "prod", Name: "payments", UID: "11111111-2222-3333-4444-555555555555", Generation: 2, ResourceVersion: "7",
			CreationTimestamp: metav1.NewTime(at.Add(-41 * 24 * time.Hour)),
		},
		Spec: api.CheckpointHealthSpec{
			TargetRef: api.TargetReference{APIVersion: "flink.apache.org/v1beta1", Kind: "FlinkDeployment", Name: "payments"},
			PolicyRef: api.PolicyReference{Name: "prod"},
		},
	}
}

// base is a healthy job with a timeout of 10m and an interval of 1m.
func base() *model.Pass {
	s := &model.Snapshot{
		At:  at,
		Job: model.Job{ID: "9f3a0000000000000000000000000001", Name: "enrich", State: "RUNNING", FlinkVersion: "1.20.5", StartTime: at.Add(-74 * time.Hour), RunningSince: at.Add(-74 * time.Hour)},
		Settings: model.Settings{
			Timeout: known(10*time.Minute, api.OriginDefault), Interval: known(time.Minute, api.OriginTarget), MinPause: known(time.Duration(0), api.OriginDefault),
			MaxConcurrent: known(1, api.OriginDefault), Unaligned: known(false, api.OriginDefault), Incremental: known(true, api.OriginTarget),
			JobManagerCPU: known(1.0, api.OriginTarget), JobManagerProcess: known(int64(2)<<30, api.OriginTarget), JobManagerHeap: known(int64(1530)<<20, api.OriginUnknown),
		},
		Target:   model.Target{APIVersion: "flink.apache.org/v1beta1", Kind: "FlinkDeployment", Namespace: "prod", Name: "payments"},
		Vertices: []model.Vertex{{ID: "a", Name: "enrich -> join", Parallelism: 16}},
	}
	for i := range 9 {
		s.Checkpoints.History = append(s.Checkpoints.History, completed(int64(8122-i), minutesAgo(1+i), 3100*time.Millisecond))
	}
	s.Checkpoints.LatestCompleted = &s.Checkpoints.History[0]
	policy := model.ResolvePolicy("prod", &api.RemediationPolicySpec{Mode: api.ModeRemediate})
	return &model.Pass{
		Now: at, Snapshot: s, Policy: policy,
		Diagnosis: model.Diagnosis{Health: api.HealthHealthy, Reason: api.ReasonHealthy, Counts: model.WindowCounts{Window: 9, Completed: 9, ConsecutiveCompleted: 9}},
		Decision:  model.Decision{Action: model.ActionNone, WhyNot: model.Refusal{Reason: api.ReasonHealthyNothingToDo, Message: "the job is healthy"}},
	}
}

func completed(id int64, trigger time.Time, took time.Duration) model.Checkpoint {
	return model.Checkpoint{ID: id, Status: model.CheckpointCompleted, Trigger: trigger, Duration: took, CheckpointedSize: 48 << 20, StateSize: 6 << 30, Subtasks: 16, Acknowledged: 16}
}

func expired(id int64, trigger time.Time, missing ...int) model.Checkpoint {
	c := model.Checkpoint{ID: id, Status: model.CheckpointFailed, Trigger: trigger, Duration: 10 * time.Minute, Subtasks: 16, Acknowledged: 16 - len(missing),
		Failure: &model.CheckpointFailure{At: trigger.Add(10 * time.Minute), Kind: model.FailureExpired, Message: "Checkpoint expired before completing."}}
	task := model.TaskLedger{VertexID: "a", Subtasks: 16}
	for i := range 16 {
		e := model.SubtaskLedger{Index: i, Reported: true, StartDelay: 200 * time.Millisecond, Alignment: 100 * time.Millisecond, Sync: 300 * time.Millisecond,
			Async: 2 * time.Minute, Residual: 0, EndToEnd: 2 * time.Minute}
		for _, m := range missing {
			if m == i {
				e.Aborted, e.Async, e.Residual, e.Unfinished = true, model.Unknown, model.Unknown, model.PhaseAsync
			}
		}
		task.Entries = append(task.Entries, e)
	}
	c.Tasks = []model.TaskLedger{task}
	return c
}

// slowStorage is the situation that EXPERIENCE shows: six expiries, uploads of 1.1 MiB/s, a window that is closed.
func slowStorage() *model.Pass {
	p := base()
	s := p.Snapshot
	s.Deep = true
	s.Checkpoints.History = []model.Checkpoint{{ID: 8125, Status: model.CheckpointInProgress, Trigger: at.Add(-370 * time.Second), Duration: model.Unknown, Subtasks: 16, Acknowledged: 12}}
	for i := range 6 {
		s.Checkpoints.History = append(s.Checkpoints.History, expired(int64(8124-i), minutesAgo(17+10*i), 3, 5, 9, 12))
	}
	for i := range 8 {
		took := 40 * time.Second
		if i < 2 {
			took = 8 * time.Minute
		}
		s.Checkpoints.History = append(s.Checkpoints.History, completed(int64(8118-i), minutesAgo(90+i*9), took))
	}
	s.Checkpoints.LatestCompleted = &s.Checkpoints.History[7]
	p.Diagnosis = model.Diagnosis{
		Health: api.HealthUnhealthy, Reason: api.ReasonUnhealthy, Message: "the last 6 of 10 checkpoints expired at their timeout of 10m",
		Counts:  model.WindowCounts{Window: 6, Expired: 6, ConsecutiveExpired: 6, InProgress: 1, PendingFor: 370 * time.Second},
		Slowest: model.SlowestSubtask{CheckpointID: 8124, Vertex: "enrich -> join", Subtask: 3, Known: true, Missing: 4, Entry: s.Checkpoints.History[1].Tasks[0].Entries[3]},
		Findings: []model.Finding{
			{Cause: api.CauseSlowStateBackend, Verdict: api.VerdictLikely, Score: 84, Since: minutesAgo(57),
				Summary: "4 of 4 missing subtasks are uploading at 1.1 MiB/s",
				Evidence: []model.Evidence{
					{Signal: "upload rate", Observed: "1.1 MiB/s", Expected: "14 MiB/s, this job's own healthy median", Weight: 40},
					{Signal: "stack of the missing subtasks", Observed: "4 of 4 are in S3 upload (02:47:10)", Weight: 30},
					{Signal: `"503 Slow Down"`, Observed: "212 times in 10m (TaskManager logs)", Weight: 14},
					{Signal: "other jobs on this bucket", Observed: "none is slow", Weight: -10},
				},
				Missing: []string{"S3 request metrics (not exposed by this cluster)"}, NextMeasurement: "ask the storage team about prefix throttling, or raise s3.entropy"},
			{Cause: api.CauseDataSkew, Verdict: api.VerdictPossible, Score: 20, Summary: "4 of 16 subtasks hold the time"},
			{Cause: api.CauseNetworkLatency, Verdict: api.VerdictRuledOut, Summary: "no residual"},
			{Cause: api.CauseJobManagerOverload, SubCause: api.SubCauseCPU, Verdict: api.VerdictRuledOut, Summary: "12 % CPU"},
			{Cause: api.CauseSlowCleanup, Verdict: api.VerdictRuledOut, Summary: "no gaps"},
			{Cause: api.CauseBackpressure, Verdict: api.VerdictNotAssessed, Summary: "back pressure was not read"},
		},
	}
	p.Decision = model.Decision{Action: model.ActionNone, Remedy: timeoutRemedy(),
		WhyNot: model.Refusal{Reason: api.ReasonOutsideWindow, Message: "the policy's window opens at 06:00 Europe/Berlin", Retry: 69 * time.Minute}}
	p.Patch = "# payments.yaml, as server-side apply; everything else stays as it is\nspec:\n  flinkConfiguration:\n    execution.checkpointing.timeout: 22m\n"
	return p
}

func timeoutRemedy() *model.Remedy {
	return &model.Remedy{
		Hash: "7f3a2c91", Cause: api.CauseSlowStateBackend, Lever: api.LeverCheckpointTimeout, Cost: api.CostJobRestart, Downtime: 2 * time.Minute, Replay: 90 * time.Minute,
		Reason:    "late acks came at 14m to 17m, times 1.3; the policy allows up to 30m",
		Changes:   []model.Change{{Lever: api.LeverCheckpointTimeout, Field: "execution.checkpointing.timeout", From: "10 min", To: "22m", WasSet: true}},
		Criterion: model.Criterion{CompleteInRow: 3, WithinTimeoutPercent: 90, FailInRow: 2, DeadlineSeconds: 5400},
	}
}

func receipt(outcome api.Outcome) model.Receipt {
	r := model.Receipt{
		ID: "7f3a2c91", Cause: api.CauseSlowStateBackend, Lever: api.LeverCheckpointTimeout, AppliedAt: minutesAgo(25), Outcome: outcome, Criterion: timeoutRemedy().Criterion,
		Changes: []model.ChangeRecord{{Field: "execution.checkpointing.timeout", From: "10 min", WasSet: true, To: "22m"}},
	}
	if outcome != api.OutcomePending {
		done := minutesAgo(3)
		r.FinishedAt = &done
	}
	return r
}

// applied is slowStorage in the pass that wrote the remedy.
func applied() *model.Pass {
	p := slowStorage()
	r := receipt(api.OutcomePending)
	r.AppliedAt = at
	p.Decision.Action, p.Decision.WhyNot = model.ActionApply, model.Refusal{}
	p.Written = &model.Written{Action: model.ActionApply, Receipt: &r}
	return p
}

// pendingVerification is the job some minutes after the patch: still sick by its history, one checkpoint completed.
func pendingVerification() *model.Pass {
	p := slowStorage()
	p.Snapshot.Target.Receipts = []model.Receipt{receipt(api.OutcomePending)}
	p.Snapshot.Settings.Timeout = known(22*time.Minute, api.OriginTarget)
	p.Verification = model.Verification{Receipt: &p.Snapshot.Target.Receipts[0], Outcome: api.OutcomePending, Completed: 1, Message: "the newest took 14m20s of 22m"}
	p.Decision = model.Decision{WhyNot: model.Refusal{Reason: api.ReasonRemedyPending, Message: "a remedy waits for its verdict"}}
	p.Patch = ""
	return p
}

// rolledBack is the job after a remedy that did not help: undone, muted, the next rung recommended.
func rolledBack() *model.Pass {
	p := slowStorage()
	r := receipt(api.OutcomeRolledBack)
	r.Message = "did not help (2 of 2 expired); restored 10 min"
	p.Snapshot.Target.Receipts = []model.Receipt{r}
	p.Decision.Remedy = nil
	p.Patch = ""
	p.Decision.WhyNot = model.Refusal{Reason: api.ReasonMuted, Message: "timeout for SlowStateBackend is muted until 08:48 UTC after it did not help", Retry: 6 * time.Hour}
	return p
}

// cured is the job after the remedy worked.
func cured() *model.Pass {
	p := base()
	r := receipt(api.OutcomeEffective)
	r.Message = "3 checkpoints completed, median 14m20s; was: none in 42m"
	p.Snapshot.Target.Receipts = []model.Receipt{r}
	p.Snapshot.Settings.Timeout = known(22*time.Minute, api.OriginTarget)
	return p
}

// borneCure is a job that is healthy by its longer timeout only: its storage is as slow as it was.
func borneCure() *model.Pass {
	p := cured()
	p.Snapshot.Past.HealthyUploadRate, p.Snapshot.Past.BorneUploadRate = model.Measured(14<<20), model.Measured(1.1*(1<<20))
	return p
}

// watchedCure is a cured job whose logs say since then that events overtake one another.
func watchedCure() *model.Pass {
	p := cured()
	p.Snapshot.Logs = []model.LogSignal{
		{Kind: model.LogOutOfOrder, Process: "tm-1", Count: 3, First: minutesAgo(20), Last: minutesAgo(4), Detail: "OutOfOrderSequenceException"},
		{Kind: model.LogAsyncException, Process: "jobmanager", Count: 1, First: minutesAgo(300), Last: minutesAgo(10)},
		{Kind: model.LogOutOfOrder, Process: "tm-2", Count: 1, First: minutesAgo(19), Last: minutesAgo(19)},
		{Kind: model.LogOutOfOrder, Process: "tm-3", Count: 9, First: minutesAgo(90), Last: minutesAgo(80)},
	}
	return p
}

// atRisk is a job whose JobManager is out of heap while checkpoints still complete.
func atRisk() *model.Pass {
	p := base()
	p.Diagnosis = model.Diagnosis{
		Health: api.HealthAtRisk, Reason: api.ReasonAtRisk, Message: "the JobManager's heap is 93 % full after collection",
		Counts: model.WindowCounts{Window: 9, Completed: 9, ConsecutiveCompleted: 9},
		Findings: []model.Finding{{Cause: api.CauseJobManagerOverload, SubCause: api.SubCauseHeap, Verdict: api.VerdictLikely, Score: 70, Summary: "heap 93 % full, 31 % of the time in collection",
			Evidence: []model.Evidence{{Signal: "heap after collection", Observed: "93 %", Expected: "below 85 %", Weight: 40}, {Signal: "time in garbage collection", Observed: "31 %", Expected: "below 10 %", Weight: 30}},
			Missing:  []string{"JobManager log (answered 404)"}, NextMeasurement: "a heap histogram of the JobManager: jcmd 1 GC.class_histogram"}},
	}
	p.Decision = model.Decision{
		Remedy: &model.Remedy{Hash: "c0ffee00", Cause: api.CauseJobManagerOverload, SubCause: api.SubCauseHeap, Lever: api.LeverJobManagerHeap, Cost: api.CostJobRestart, Replay: time.Minute,
			Reason:  "live set 1.4 GiB / 0.7 = 2.0 GiB heap, process size (2.0 GiB + 384 MiB) / 0.9",
			Changes: []model.Change{{Lever: api.LeverJobManagerHeap, Field: "jobManager.resource.memory", From: "2048m", To: "2703m", WasSet: true}}},
		WhyNot: model.Refusal{Reason: api.ReasonAtRiskNotTreated, Message: "the policy treats only Unhealthy jobs (detection.treat)"},
	}
	p.Patch = "spec:\n  jobManager:\n    resource:\n      memory: 2703m\n"
	return p
}

// unreachable is a JobManager that does not answer.
func unreachable() *model.Pass {
	p := base()
	p.Snapshot = &model.Snapshot{At: at, Target: p.Snapshot.Target,
		Availability: model.Availability{Reason: api.ReasonJobManagerUnreachable, Message: "http://payments-rest.prod:8081/jobs/overview: connection refused"},
		Gaps:         []model.Gap{{Signal: "checkpoint statistics", Why: "connection refused", Kind: model.GapCheckpointDetails}}}
	p.Diagnosis = model.Diagnosis{Health: api.HealthUnknown, Reason: api.ReasonJobManagerUnreachable, Message: "the JobManager does not answer"}
	p.Decision = model.Decision{WhyNot: model.Refusal{Reason: api.ReasonSnapshotIncomplete, Message: "there is no fresh data"}}
	return p
}

// adviceOnly is a cause that no configuration cures.
func adviceOnly() *model.Pass {
	p := slowStorage()
	p.Diagnosis.Findings = []model.Finding{{Cause: api.CauseSourceBlocked, Verdict: api.VerdictConfirmed, Score: 96, Summary: "the source holds the checkpoint lock while it reads a snapshot of the table",
		Evidence: []model.Evidence{
			{Signal: "missing acknowledgements", Observed: "4 of 4 are sources", Weight: 30},
			{Signal: "stack of the missing subtasks", Observed: "4 of 4 in com.example.cdc.TableReader.readAll, holding the checkpoint lock", Weight: 50},
		}, Advice: []string{"wait for the full read to end, or move the source to FLIP-27"}}}
	p.Decision = model.Decision{WhyNot: model.Refusal{Reason: api.ReasonAdviceOnly, Message: "no setting of Flink cures it; a longer timeout would not help"},
		Advice: []string{"wait for the full read to end; checkpoints complete again after it", "move the source to FLIP-27, which does not hold the lock"}}
	p.Patch = ""
	return p
}

// undetermined is a sick job no cause of which is likely.
func undetermined() *model.Pass {
	p := slowStorage()
	p.Diagnosis.Slowest.Entry = model.SubtaskLedger{Index: 3}
	p.Diagnosis.Findings = []model.Finding{
		{Cause: api.CauseUndetermined, Verdict: api.VerdictPossible, Summary: "no cause reaches likely", Missing: []string{"thread dump of TaskManager 10.0.0.7 (answered 404)"},
			NextMeasurement: "take a thread dump of TaskManager 10.0.0.7 while a checkpoint is pending"},
		{Cause: api.CauseSinkFlush, Verdict: api.VerdictPossible, Score: 35, Summary: "sinks only"},
		{Cause: api.CauseUserCodeBlocking, Verdict: api.VerdictPossible, Score: 30, Summary: "busy 100 %"},
	}
	p.Decision = model.Decision{WhyNot: model.Refusal{Reason: api.ReasonUndetermined, Message: "no cause is likely enough to act on"}}
	p.Patch = ""
	return p
}

// unreachableFromACommandLine is the same without a cluster.
func unreachableFromACommandLine() *model.Pass {
	p := unreachable()
	p.Snapshot.Target = model.Target{}
	return p
}

// situations are all of them by the name of their golden file.
var situations = map[string]func() *model.Pass{
	"healthy": base, "slow-storage": slowStorage, "applied": applied, "pending-verification": pendingVerification, "rolled-back": rolledBack,
	"cured": cured, "borne-cure": borneCure, "watched-cure": watchedCure, "at-risk": atRisk, "unreachable": unreachable, "unreachable-command-line": unreachableFromACommandLine, "advice-only": adviceOnly, "undetermined": undetermined,
}

package main

import (
	"context"
	"slices"

	"k8s.io/utils/ptr"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

// story is one user's story: a job, what is allowed, and what happens once the job is healthy.
type story struct {
	name  string // of all its objects
	title string // as docs/evidence.md calls it
	cause api.Cause
	job   job
	// policy changes what scene.policy allows.
	policy func(*api.RemediationPolicySpec)
	act    func(context.Context, *scene) error
}

// smallState is 8 MiB: 4 MiB a subtask.
var smallState = []string{"--keys", "2000", "--value-bytes", "4096", "--rate", "500"}

// Delays of storage. 4 MiB a subtask at 350 KiB/s take 11.7 s, more than the timeout of 10 s; at 40 KiB/s they take 102 s.
var (
	slowWrites = map[string]string{"write.kbps": "350"}
	deadWrites = map[string]string{"write.kbps": "40"}
)

func stories() []story {
	return slices.Concat(storageStories(), jobManagerStories())
}

// storageStories are those of storage that turns bad, and of what holds a remedy back.
func storageStories() []story {
	return []story{
		{
			name: "slow-storage", title: "slow storage -> timeout", cause: api.CauseSlowStateBackend, job: job{args: smallState},
			act: cured(slowWrites, api.LeverCheckpointTimeout),
		},
		{
			name: "recommend", title: "mode Recommend -> nothing written, the patch applies by hand", cause: api.CauseSlowStateBackend,
			job: job{args: smallState}, policy: func(p *api.RemediationPolicySpec) { p.Mode = api.ModeRecommend }, act: recommended,
		},
		{
			name: "gitops-owner", title: "the field owned by another manager -> yields", cause: api.CauseSlowStateBackend,
			job: job{args: smallState}, policy: func(p *api.RemediationPolicySpec) { p.Conflicts = api.ConflictYield }, act: yields,
		},
		{
			name: "savepoint-upgrade", title: "upgradeMode savepoint while no checkpoint completes -> refused", cause: api.CauseSlowStateBackend,
			job: job{args: smallState, upgradeMode: "savepoint"}, act: refused(slowWrites, api.ReasonUpgradeModeSavepoint),
		},
		{
			name: "unreachable", title: "JobManager unreachable -> Unknown, nothing written", cause: api.CauseSlowStateBackend,
			job: job{args: smallState}, act: unreachable,
		},
		{
			name: "operator-killed", title: "operator killed between patch and status -> resumes", cause: api.CauseSlowStateBackend,
			job: job{args: smallState}, act: killed,
		},
		{
			name: "no-cure", title: "a remedy that cannot work -> undone, muted, next rung", cause: api.CauseSlowStateBackend,
			job: job{args: smallState}, act: withoutCure,
		},
		{
			name: "slow-cleanup", title: "cleanup flag and io pool", cause: api.CauseSlowCleanup,
			job: job{args: smallState, config: map[string]string{
				"execution.checkpointing.max-concurrent-checkpoints": "3", "jobmanager.io-pool.size": "1", keyInterval: "3s",
				"state.backend.incremental": "true", "state.backend.type": "rocksdb", "execution.savepoint.cleanup-in-background": "true",
			}},
			act: cured(map[string]string{"delete.ms": "2500"}, api.LeverIOPoolSize, api.LeverBackgroundCleanup),
		},
		{
			name: "deleted", title: "target deleted during a remedy", cause: api.CauseSlowStateBackend, job: job{args: smallState}, act: deleted,
		},
	}
}

// jobManagerStories are those of the JobManager and of large state.
func jobManagerStories() []story {
	return []story{
		{
			name: "jobmanager-heap", title: "JobManager heap", cause: api.CauseJobManagerOverload,
			// 1024 MiB leave 448 MiB of heap (FLIP-116: less 256 metaspace, 192 overhead, 128 off-heap); 400 MiB of live set are 89 % of it.
			job:    job{args: append([]string{"--jm-live-mb", "330", "--jm-garbage-mb-s", "200", "--from-s", "120"}, smallState...)},
			policy: treatAtRisk, act: overloaded(api.LeverJobManagerHeap),
		},
		{
			name: "jobmanager-cpu", title: "JobManager CPU", cause: api.CauseJobManagerOverload,
			job:    job{args: append([]string{"--jm-spin-threads", "1", "--from-s", "120"}, smallState...), jobManagerCPU: 0.4},
			policy: treatAtRisk, act: overloaded(api.LeverJobManagerCPU),
		},
		{
			name: "state-pressure", title: "large state x short interval -> interval", cause: api.CauseCheckpointPressure,
			// 24 MiB a subtask, both in one process, at 12 MiB/s take 4 s; every 2 s, four at a time, they queue beyond 10 s.
			job: job{args: []string{"--keys", "3000", "--value-bytes", "16384", "--rate", "300"}, config: map[string]string{
				keyInterval: "2s", "execution.checkpointing.max-concurrent-checkpoints": "4",
			}},
			policy: func(p *api.RemediationPolicySpec) { p.Thresholds.LargeStateBytes = 16 << 20 },
			act:    cured(map[string]string{"write.total.kbps": "12288"}, api.LeverCheckpointInterval),
		},
	}
}

// treatAtRisk treats jobs whose JobManager is used up before their checkpoints expire.
func treatAtRisk(p *api.RemediationPolicySpec) {
	p.Detection = api.DetectionSpec{Treat: api.TreatAtRisk}
	p.Guards.CooldownSeconds = ptr.To[int32](30)
}

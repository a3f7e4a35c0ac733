package main

import (
	"context"
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/version"
	"k8s.io/utils/ptr"

	api "checkpointhealth.dev/operator/api/v1alpha1"
)

// story is one user's story: a job, what is allowed, and what happens once the job is healthy.
type story struct {
	name  string // of all its objects
	title string // as docs/evidence.md calls it
	cause api.Cause
	job   job
	// storage are delays of storage that are there from the start.
	storage map[string]string
	// fromStart tells that the job gets sick by itself some time after its start: it is created when the story has the stage, not before.
	fromStart bool
	// since is the first Flink operator that takes the story's job; "" = any.
	since string
	// policy changes what scene.policy allows.
	policy func(*api.RemediationPolicySpec)
	act    func(context.Context, *scene) error
}

// kind is that of the target.
func (s *story) kind() schema.GroupVersionKind {
	if s.job.session {
		return flinkSessionJob
	}
	return flinkDeployment
}

// known tells whether a Flink operator takes the story's job.
func (s *story) known(flinkOperator string) (bool, error) {
	if s.since == "" {
		return true, nil
	}
	is, err := version.ParseGeneric(flinkOperator)
	if err != nil {
		return false, fmt.Errorf("--flink-operator %q: %w; expected a version such as 1.7.0", flinkOperator, err)
	}
	since, err := version.ParseGeneric(s.since)
	return err == nil && is.AtLeast(since), err
}

// deployment is the FlinkDeployment whose pods run the job.
func (s *story) deployment() string {
	if s.job.session {
		return clusterOf(s.name)
	}
	return s.name
}

// smallState is 8 MiB: 4 MiB a subtask.
var smallState = []string{"--keys", "2000", "--value-bytes", "4096", "--rate", "500"}

// Delays of storage. 4 MiB a subtask at 350 KiB/s take 11.7 s, more than the timeout of 10 s; at 110 KiB/s they take 37 s, more than the 30 s that the
// policy of no-cure allows it, and end.
var (
	slowWrites  = map[string]string{"write.kbps": "350"}
	worseWrites = map[string]string{"write.kbps": "110"}
)

func stories() []story {
	return slices.Concat(storageStories(), jobManagerStories(), networkStories(), sessionStories())
}

// storageStories are those of storage that turns bad, and of what holds a remedy back.
func storageStories() []story {
	return []story{
		{
			name: "slow-storage", title: "slow storage -> timeout", cause: api.CauseSlowStateBackend, job: job{args: smallState},
			act: cured(slowWrites, api.LeverCheckpointTimeout),
		},
		{
			// FLINK-37406: before, flinkConfiguration has texts alone.
			name: "nested", title: "nested flinkConfiguration -> timeout, nested as well", since: "1.13.0", cause: api.CauseSlowStateBackend,
			job: job{args: smallState, nested: true}, act: curedInPlace(slowWrites, api.LeverCheckpointTimeout),
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
			// RocksDB has a rung after the timeout: a second checkpoint at a time would make none shorter.
			job: job{args: smallState, config: map[string]string{"state.backend.type": "rocksdb"}}, act: withoutCure,
			// Without the bound a timeout is written that outlasts what becomes of storage.
			policy: func(p *api.RemediationPolicySpec) {
				p.Remedies = &api.RemediesSpec{
					CheckpointTimeout: api.CheckpointTimeoutRemedy{MaxSeconds: 30},
					TransferThreads:   api.TransferThreadsRemedy{Action: api.LeverApply},
				}
			},
		},
		{
			name: "slow-cleanup", title: "cleanup flag and io pool", cause: api.CauseSlowCleanup,
			// With high availability the pool cluster-io deletes. Four deletes of 3.4 s for each checkpoint take its one thread 13.6 s, so that
			// checkpoints begin 9.6 s late; two threads take 6.8 s, which is less than an interval late.
			job: job{args: smallState, config: map[string]string{
				"cluster.io-pool.size": "1", keyInterval: "4s", "execution.savepoint.cleanup-in-background": "true",
			}},
			policy: treatAtRisk, act: cured(map[string]string{"delete.ms": "3400"}, api.LeverIOPoolSize),
		},
		{
			name: "deleted", title: "target deleted during a remedy", cause: api.CauseSlowStateBackend, job: job{args: smallState}, act: deleted,
		},
	}
}

// sessionStories are those of jobs on session clusters.
func sessionStories() []story {
	return []story{
		{
			name: "session-job", title: "FlinkSessionJob at risk -> timeout, on the session job", cause: api.CauseSlowStateBackend,
			// 4 MiB a subtask at 700 KiB/s take 5.9 s of 10 s: at risk, and a stop with savepoint, which goes to another file system, still works.
			job:    job{args: smallState, session: true, upgradeMode: "savepoint"},
			policy: treatAtRisk, act: rolledOut(map[string]string{"write.kbps": "700"}, api.LeverCheckpointTimeout),
		},
		{
			// FLINK-35414: before, the Flink operator refuses that upgrade mode.
			name: "session-last-state", title: "FlinkSessionJob with last-state -> timeout while no checkpoint completes", since: "1.10.0",
			cause: api.CauseSlowStateBackend, job: job{args: smallState, session: true}, act: rolledOut(slowWrites, api.LeverCheckpointTimeout),
		},
	}
}

// jobManagerStories are those of the JobManager and of large state.
func jobManagerStories() []story {
	return []story{
		{
			name: "jobmanager-heap", title: "JobManager heap", cause: api.CauseJobManagerOverload, fromStart: true,
			// 1024 MiB leave 448 MiB of heap (FLIP-116: less 256 metaspace, 192 overhead, 128 off-heap); 400 MiB of live set are 89 % of it.
			job:    job{args: append([]string{"--jm-live-mb", "330", "--jm-garbage-mb-s", "200", "--from-s", "60"}, smallState...)},
			policy: treatAtRisk, act: overloaded(api.LeverJobManagerHeap),
		},
		{
			name: "jobmanager-cpu", title: "JobManager CPU", cause: api.CauseJobManagerOverload, fromStart: true,
			// One busy thread takes all of 0.8 cores, and 79 % of the 1.33 that 0.8 / 60 % make.
			job:    job{args: append([]string{"--jm-spin-threads", "1", "--from-s", "60"}, smallState...), jobManagerCPU: 0.8},
			policy: treatAtRisk, act: overloaded(api.LeverJobManagerCPU),
		},
		{
			name: "no-room", title: "a larger JobManager that no node takes -> undone, with the scheduler's words", cause: api.CauseJobManagerOverload, fromStart: true,
			job:    job{args: append([]string{"--jm-spin-threads", "1", "--from-s", "60"}, smallState...), jobManagerCPU: 0.8},
			policy: treatAtRisk, act: withoutRoom,
		},
		{
			name: "state-pressure", title: "large state x short interval -> interval", cause: api.CauseCheckpointPressure, fromStart: true,
			// Sixteen keys of 16 KiB a second grow to 48 MiB in three minutes, which take 4 s at 12 MiB/s; every 2 s, four at a time, they queue
			// beyond 10 s.
			job: job{args: []string{"--keys", "3000", "--value-bytes", "16384", "--rate", "8"}, config: map[string]string{
				keyInterval: "2s", "execution.checkpointing.max-concurrent-checkpoints": "4",
			}},
			storage: map[string]string{"write.total.kbps": "12288"},
			policy:  func(p *api.RemediationPolicySpec) { p.Thresholds.LargeStateBytes = 16 << 20 },
			act:     outgrown(api.LeverCheckpointInterval),
		},
	}
}

// networkStories are those of the way between TaskManagers and JobManager.
func networkStories() []story {
	// Trigger and acknowledgement take 3 s each, more than the timeout of 5 s.
	far, delays := job{args: smallState, longWay: true, config: map[string]string{keyTimeout: "5s"}}, map[string]string{"delay.ms": "3000"}
	return []story{
		{
			name: "network-delay", title: "network delay -> timeout", cause: api.CauseNetworkLatency, job: far,
			act: farAway(delays, api.LeverCheckpointTimeout),
		},
		{
			name: "network-probe", title: "networkProbe Pod -> measured, the pod removed", cause: api.CauseNetworkLatency, job: far,
			policy: func(p *api.RemediationPolicySpec) { p.Mode, p.NetworkProbe = api.ModeRecommend, api.NetworkProbePod }, act: probed(delays),
		},
	}
}

// treatAtRisk treats jobs whose JobManager is used up before their checkpoints expire.
func treatAtRisk(p *api.RemediationPolicySpec) {
	p.Detection = api.DetectionSpec{Treat: api.TreatAtRisk}
	p.Guards.CooldownSeconds = ptr.To[int32](30)
}

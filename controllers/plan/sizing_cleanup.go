package plan

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// fewestIOThreads is the least io pool that leaves a thread for acknowledgements while deletes hold others: a serial cleaner holds one per
// checkpoint that is being deleted, a metadata write another, a discard of an expired one a third.
const fewestIOThreads = 4

// part is one change of the cleanup batch. real is false for what no Flink version reads.
type part struct {
	change model.Change
	reason string
	real   bool
}

// proposeCleanup batches what makes deletes hurt less into one restart: more io threads, the cleaner's parallel mode where it is off, and
// the flags that the user's own configuration has on.
func proposeCleanup(v *view) proposal {
	parts, skip := v.poolParts()
	parts = append(parts, v.cleanupParts()...)
	parts, notes := v.onlyApplied(parts)
	if !slices.ContainsFunc(parts, func(p part) bool { return p.real }) {
		if len(parts) > 0 && !skip.Refused() {
			skip = refuse(api.ReasonIgnoredByFlink, keyRunbookFlag+" is read by no Flink version: turning it off alone would restart the job and change nothing")
		}
		return proposal{skip: skip, notes: notes}
	}
	p := proposal{notes: notes}
	var reasons []string
	for i := range parts {
		p.changes = append(p.changes, parts[i].change)
		reasons = append(reasons, parts[i].reason)
	}
	p.reason = join(reasons...)
	return p
}

// poolParts sizes the pool whose threads are in deletes: the JobManager's io pool, cluster-io, or both. Where no dump tells it is the io pool.
func (v *view) poolParts() ([]part, model.Refusal) {
	f := &v.d.Facts
	if f.ClusterDeletes && !f.IODeletes {
		return v.clusterPoolPart()
	}
	if f.IOIdle {
		return nil, refuse(api.ReasonNoRemedyLeft, "no dump shows a thread of the JobManager's io pool in a delete: more of them would change nothing")
	}
	parts, skip := v.ioPoolPart()
	if f.ClusterDeletes {
		more, _ := v.clusterPoolPart()
		parts = append(parts, more...)
	}
	return parts, skip
}

// clusterPoolPart sizes cluster.io-pool.size: twice the present one, for what it deletes waits for the storage and uses no CPU.
func (v *view) clusterPoolPart() ([]part, model.Refusal) {
	limit := v.p.Lever(api.LeverIOPoolSize)
	if limit.Action == api.LeverOff {
		return nil, refuse(api.ReasonNoRemedyLeft, "the policy has remedies.ioPoolSize Off")
	}
	now := v.clusterThreads()
	if now == 0 {
		return nil, refuse(api.ReasonSnapshotIncomplete, "the size of the pool cluster-io is not known")
	}
	most := int(min(limit.Max, math.MaxInt32))
	if now >= most {
		return nil, boundReached(fmt.Sprintf("%d threads of cluster-io are at the policy's bound remedies.ioPoolSize.max of %d already", now, most))
	}
	to := min(2*now, most)
	c := v.change(api.LeverIOPoolSize, keyClusterPool, strconv.Itoa(now), strconv.Itoa(to), v.s.Settings.ClusterPoolSize.Origin)
	why := fmt.Sprintf("deletes of replaced checkpoints hold the %s of cluster-io, and the next checkpoint waits for them; they wait for the storage, not for CPU, so %d may run",
		countOf(now, "thread"), to)
	if to < 2*now {
		c.Uncapped = strconv.Itoa(2 * now)
		why += fmt.Sprintf("; the policy allows up to %d", most)
	}
	return []part{{c, why, true}}, model.Refusal{}
}

// clusterThreads is the size of cluster-io: as configured, or Flink's default of four a CPU that the JVM sees (ClusterEntrypointUtils, 1.15 to 2.3).
// 0: not known; those of a dump do not tell, for the pool starts its threads as it needs them.
func (v *view) clusterThreads() int {
	if set := v.s.Settings.ClusterPoolSize; set.Known && set.Value > 0 {
		return min(set.Value, math.MaxInt32)
	}
	if cpu := firstMeasure(v.s.JobManager.CPULimit); cpu.Known {
		return 4 * max(int(math.Ceil(min(cpu.Value, math.MaxInt16))), 1)
	}
	return 0
}

// ioPoolPart sizes jobmanager.io-pool.size: deletes wait for the storage and use no CPU, so the pool may exceed the cores. Twice the
// present one, at least four, and two more than checkpoints that may be in flight.
func (v *view) ioPoolPart() ([]part, model.Refusal) {
	limit := v.p.Lever(api.LeverIOPoolSize)
	if limit.Action == api.LeverOff {
		return nil, refuse(api.ReasonNoRemedyLeft, "the policy has remedies.ioPoolSize Off")
	}
	now := v.ioThreads()
	if now == 0 {
		return nil, refuse(api.ReasonSnapshotIncomplete, "the size of the JobManager's io pool is not known")
	}
	want := max(fewestIOThreads, 2*now, v.s.Settings.MaxConcurrent.Value+2)
	most := int(min(limit.Max, math.MaxInt32))
	if now >= most {
		return nil, boundReached(fmt.Sprintf("%d io threads are at the policy's bound remedies.ioPoolSize.max of %d already", now, most))
	}
	to := min(want, most)
	c := v.change(api.LeverIOPoolSize, keyIOPool, strconv.Itoa(now), strconv.Itoa(to), v.s.Settings.IOPoolSize.Origin)
	why := fmt.Sprintf("deletes hold the %s that also process acknowledgements; they wait for the storage, not for CPU, so %d may run",
		countOf(now, "io thread"), to)
	if to < want {
		c.Uncapped = strconv.Itoa(want)
		why += fmt.Sprintf("; the policy allows up to %d", most)
	}
	return []part{{c, why, true}}, model.Refusal{}
}

// ioThreads is the io pool's size: as configured, as measured, or Flink's default, the CPUs that the JVM sees (at least 1). 0: not known.
func (v *view) ioThreads() int {
	if v.s.Settings.IOPoolSize.Known && v.s.Settings.IOPoolSize.Value > 0 {
		return min(v.s.Settings.IOPoolSize.Value, math.MaxInt32)
	}
	for _, m := range []model.Measure{v.s.JobManager.IOThreads, v.s.JobManager.CPULimit} {
		if m = firstMeasure(m); m.Known {
			return int(math.Ceil(min(m.Value, math.MaxInt32)))
		}
	}
	return 0
}

// cleanupParts are the cleaner's mode and the flags.
func (v *view) cleanupParts() []part {
	if v.p.Lever(api.LeverBackgroundCleanup).Action == api.LeverOff {
		return nil
	}
	var parts []part
	s := &v.s.Settings
	if key := v.cleanerKey(); key != "" && s.CleanerParallel.Known && !s.CleanerParallel.Value {
		parts = append(parts, part{v.change(api.LeverBackgroundCleanup, key, "false", "true", s.CleanerParallel.Origin),
			"the cleaner deletes one file after the other and now deletes in parallel", true})
	}
	if s.BackgroundCleanup.Known && s.BackgroundCleanup.Value {
		if _, ok := v.written(keyRunbookFlag); ok {
			parts = append(parts, part{v.change(api.LeverBackgroundCleanup, keyRunbookFlag, "true", "false", api.OriginTarget),
				"the cleanup flag goes off as the configuration holds it, though no Flink version reads it (IgnoredByFlink)", false})
		}
	}
	if text, ok := v.written(keyOperatorCleanup); ok && text == "true" {
		parts = append(parts, part{v.change(api.LeverBackgroundCleanup, keyOperatorCleanup, "true", "false", api.OriginTarget),
			"the Flink operator stops deleting savepoints through this JobManager", false})
	}
	return parts
}

// onlyApplied keeps the parts that may be applied, where one of them does something; the others become advice. A batch of which nothing
// may be applied is recommended whole.
func (v *view) onlyApplied(parts []part) (kept []part, notes []string) {
	applied := func(p part) bool { return v.p.Lever(p.change.Lever).Action == api.LeverApply }
	if !slices.ContainsFunc(parts, func(p part) bool { return p.real && applied(p) }) {
		return parts, nil
	}
	for _, p := range parts {
		if applied(p) {
			kept = append(kept, p)
			continue
		}
		notes = append(notes, fmt.Sprintf("the policy only recommends %s: %s -> %s", p.change.Field, p.change.From, p.change.To))
	}
	return kept, notes
}

// proposeOneAtATime goes back to one checkpoint at a time: overlapping ones put deletes between a trigger and its acknowledgements.
func proposeOneAtATime(v *view) proposal {
	now := v.s.Settings.MaxConcurrent
	if !now.Known || now.Value <= 1 {
		return proposal{}
	}
	return proposal{
		changes: []model.Change{v.change(api.LeverMaxConcurrentCheckpoints, keyMaxConcurrent, strconv.Itoa(now.Value), "1", now.Origin)},
		reason: fmt.Sprintf("with %d checkpoints at a time, deletes of one run between the trigger and the acknowledgements of another, in the same io threads",
			now.Value),
	}
}

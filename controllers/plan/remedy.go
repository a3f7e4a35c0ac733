package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

const (
	// usualDowntime is what a redeploy by the Flink operator takes: 85 to 132 s were measured on 1.7.0 and 1.15.0.
	usualDowntime = 2 * time.Minute
	// hashLength is the length of a remedy's hash in hexadecimal digits: ten are 40 bits, and a target has a handful of remedies.
	hashLength = 10

	// completesPercent is asked of a job whose checkpoints expired: that they complete, with a twentieth of the timeout to spare.
	completesPercent = 95
	// calmPercent is asked of a job that was AtRisk: AtRisk begins at half of the timeout, and a tenth more is scatter.
	calmPercent = 60
	// punctualPercent: a job is AtRisk for late starts where checkpoints begin an interval late on the average.
	punctualPercent = 100
	// leastComeBack is five redeploys of the two minutes that were measured, and comeBackFactor says so for a workload whose own is known: a
	// job that is still down then will not come back by waiting for the verdict, which takes an hour.
	leastComeBack  = 10 * time.Minute
	comeBackFactor = 5
	// patience is the slack on the time that the verdict needs by arithmetic.
	patience = 1.25
	// longestDeadline is the longest that the policy's own deadline can be.
	longestDeadline = 7 * 24 * time.Hour
)

// remedy makes the batch of a chosen rung: one apply, one restart.
func (v *view) remedy(c *choice) *model.Remedy {
	r := &model.Remedy{
		Cause: v.top.Cause, SubCause: v.top.SubCause, Lever: c.lever,
		Changes: c.changes, Reason: c.reason,
	}
	v.place(r.Changes)
	object := v.home(r.Changes[0].Field)
	if object != v.target() {
		r.Object = object.Key()
	}
	r.Cost = costOn(object, r.Changes)
	switch {
	case r.Cost != api.CostJobRestart || object.UpgradeMode != "savepoint":
	case object.Kind == kindSessionJob:
		r.Reason = join(r.Reason, "job.upgradeMode stays savepoint: the job is stopped with a savepoint, for a Flink operator before 1.10 takes no last-state for a FlinkSessionJob")
	default:
		r.Changes = append(r.Changes, model.Change{Lever: c.changes[0].Lever, Field: fieldUpgradeMode, From: "savepoint", WasSet: true, To: "last-state", Origin: api.OriginTarget})
		r.Reason = join(r.Reason, "job.upgradeMode goes to last-state in the same apply, for a stop with savepoint would run under the present timeout and fail")
	}
	if r.Cost == api.CostClusterRestart {
		r.Jobs = v.s.Session.Running
		r.Reason = join(r.Reason, v.clusterRestart(r))
	}
	if r.Cost != api.CostNoRestart {
		r.Replay = v.replay()
		r.Downtime = v.downtime()
	}
	r.Criterion = v.criterion(r, c.dutyPercent)
	r.Hash = v.hash(r)
	return r
}

// costOn is what the changes interrupt on an object: nothing where the Flink operator reads every key live, the job, or every job of a
// session cluster.
func costOn(object *model.Target, changes []model.Change) api.Cost {
	free := true
	for i := range changes {
		free = free && restartFree(changes[i].Field)
	}
	switch {
	case free:
		return api.CostNoRestart
	case object.SessionCluster:
		return api.CostClusterRestart
	}
	return api.CostJobRestart
}

// hash is the same for the same changes for the same cause on the same object, whatever its generation. It counts the attempts, so that
// what a person approved once is not approved for ever.
func (v *view) hash(r *model.Remedy) string {
	t := v.object(r)
	attempts := 0
	for i := range v.target().Receipts {
		if past := &v.target().Receipts[i]; past.Cause == r.Cause && past.SubCause == r.SubCause && past.Lever == r.Lever && !past.Pending() {
			attempts++
		}
	}
	sum := sha256.New()
	say := func(parts ...string) {
		for _, p := range parts {
			_, _ = fmt.Fprintf(sum, "%q ", p)
		}
	}
	say(t.Kind, t.Namespace, t.Name, t.UID, string(r.Cause), string(r.SubCause), string(r.Lever), fmt.Sprint(attempts))
	for i := range r.Changes {
		say(r.Changes[i].Field, r.Changes[i].From, r.Changes[i].To)
	}
	return hex.EncodeToString(sum.Sum(nil))[:hashLength]
}

// criterion is how the remedy will be judged, frozen now.
func (v *view) criterion(r *model.Remedy, dutyPercent int) model.Criterion {
	rule := v.p.Verification
	c := model.Criterion{
		CompleteInRow:        max(rule.Checkpoints, 1),
		FailInRow:            v.failInRow(),
		WithinTimeoutPercent: completesPercent,
		DutyCyclePercent:     dutyPercent,
	}
	c.MaxRestarts = restartsBorne(c.FailInRow, v.s.Settings.TolerableFailed)
	if v.d.Health == api.HealthAtRisk {
		// An interval moves no checkpoint away from its timeout: it is judged by its duty cycle, and the timeout is the next rung.
		if r.Lever != api.LeverCheckpointInterval {
			c.WithinTimeoutPercent = calmPercent
		}
		v.askResources(&c, r.Lever)
		if interval := v.s.Settings.Interval; interval.Known && interval.Value > 0 && v.d.Facts.LateStart >= interval.Value {
			c.LateStartPercent = punctualPercent
		}
	}
	deadline := v.deadline(r, &c)
	c.DeadlineSeconds = int64(deadline / time.Second)
	if r.Cost != api.CostNoRestart {
		back := max(leastComeBack, comeBackFactor*r.Downtime)
		c.ComeBackSeconds = int64(min(back, deadline) / time.Second)
		// A large state is restored while the job is RUNNING: its tasks have the policy's deadline, and not what a longer timeout adds to it.
		c.TasksBackSeconds = int64(min(max(v.p.Verification.Deadline, back), deadline) / time.Second)
	}
	return c
}

// askResources asks for the resource itself where that is what was short.
func (v *view) askResources(c *model.Criterion, lever api.Lever) {
	switch lever {
	case api.LeverJobManagerCPU:
		c.MaxCPUPercent = percentOf(v.p.Thresholds.JobManagerCPU)
	case api.LeverJobManagerHeap:
		c.MaxHeapPercent, c.MaxGCPercent = percentOf(v.p.Thresholds.Heap), percentOf(v.p.Thresholds.GC)
	default:
	}
}

func percentOf(share float64) int { return int(math.Round(share * 100)) }

// restartsBorne is two, plus those that expiries cause by themselves: a job restarts once more than tolerable-failed-checkpoints failed in
// a row, so with the default of 0 every expiry restarts it, before a remedy as after it.
func restartsBorne(failures int, tolerable model.Setting[int]) int {
	if !tolerable.Known || tolerable.Value < 0 {
		return 2 + failures
	}
	return 2 + failures/(min(tolerable.Value, math.MaxInt32)+1)
}

// deadline is the policy's, extended to what a verdict needs with the new timeout and interval: the redeploy twice over, the first
// interval, as many expiries as decide against it, and one more. Failures scattered among completed ones may decide only after completeInRow x failInRow
// checkpoints; it does not wait for those, for two failures by then are a pattern wherever they were.
func (v *view) deadline(r *model.Remedy, c *model.Criterion) time.Duration {
	timeout := v.after(r, keyTimeout, v.s.Settings.Timeout.Value, 10*time.Minute)
	interval := v.after(r, keyInterval, v.s.Settings.Interval.Value, timeout)
	redeploy := 2 * r.Downtime
	each := max(timeout, interval, v.s.Settings.MinPause.Value)
	need := redeploy + interval + times(each, float64(c.FailInRow)) + timeout
	return min(max(v.p.Verification.Deadline, times(need, patience)).Round(time.Second), longestDeadline)
}

// after is a duration as it will be: changed by the remedy, in force, or Flink's default.
func (v *view) after(r *model.Remedy, key string, now, otherwise time.Duration) time.Duration {
	for i := range r.Changes {
		if d, ok := durationOf(r.Changes[i].To); ok && r.Changes[i].Field == key {
			return min(d, longestDeadline)
		}
	}
	if now > 0 {
		return min(now, longestDeadline)
	}
	return otherwise
}

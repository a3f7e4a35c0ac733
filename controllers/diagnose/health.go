package diagnose

import (
	"fmt"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// patient is what health is judged by.
type patient struct {
	s   *model.Snapshot
	p   *model.Policy
	now time.Time // on the JobManager's clock
	w   window
	g   idleGaps
}

// check is one line of the table of health: the first whose test holds decides.
type check struct {
	health api.Health
	test   func(*patient) (message string, holds bool)
	// alone is true for what one checkpoint shows, which may be an accident, long for durations that may be what this job takes.
	alone, long bool
}

// checks in order: what is certain first, then margins, then what cannot be told.
var checks = []check{
	// The job runs and its tasks do not, for longer than any start takes: nothing can be checkpointed.
	{health: api.HealthUnhealthy, test: tasksNeverRun},
	// The job restarts again and again, and between two failures no checkpoint begins.
	{health: api.HealthUnhealthy, test: restartsOnly},
	// As many expiries within the window as the policy calls a pattern, and not enough completed ones since.
	{health: api.HealthUnhealthy, test: expiring},
	// The same for failures that are no expiries: refused by a task, failed on the storage, lost with a restart.
	{health: api.HealthUnhealthy, test: failing},
	// One pending far beyond its timeout: the timer itself does not get through.
	{health: api.HealthUnhealthy, test: overdue},
	// The JobManager's memory ended, and nothing has completed since.
	{health: api.HealthAtRisk, test: endedOutOfMemory},
	// Tasks restore their state, or open, for longer than any start takes: meanwhile no checkpoint can begin.
	{health: api.HealthAtRisk, test: tasksInitialize},
	// Nothing to judge by.
	{health: api.HealthUnknown, test: tooFew},
	// The job fails again and again, whatever completes in between.
	{health: api.HealthAtRisk, test: keepsFailing},
	// A recent expiry that is no pattern yet.
	{health: api.HealthAtRisk, test: firstExpiry},
	// The same for a failure that is no expiry, where nothing has completed beside it; a restart alone is none.
	{health: api.HealthAtRisk, test: firstFailure},
	// A spell that is not over until several checkpoints in a row have completed.
	{health: api.HealthAtRisk, test: recovering},
	// A checkpoint that completed beyond its timeout: its timer began late, behind a slow JobManager.
	{health: api.HealthAtRisk, test: completedBeyond},
	// Recent durations reach half the timeout.
	{health: api.HealthAtRisk, test: nearTimeout, long: true},
	// Recent durations are several times the job's own past.
	{health: api.HealthAtRisk, test: slowerThanPast, long: true},
	// They take longer and longer, and reach the timeout soon.
	{health: api.HealthAtRisk, test: rising},
	// One pending beyond its timeout, or many times as long as any takes in health.
	{health: api.HealthAtRisk, test: pendingLong},
	{health: api.HealthAtRisk, test: hanging, alone: true},
	// Checkpoints start much later than the interval asks, with none in progress.
	{health: api.HealthAtRisk, test: startsLate},
	// The JobManager spends its time collecting garbage.
	{health: api.HealthAtRisk, test: jobManagerCollects},
	// The JobManager's CPU is used up.
	{health: api.HealthAtRisk, test: jobManagerBusy},
	// Nothing has completed, and what failed is no pattern yet: that is no health.
	{health: api.HealthUnknown, test: noneCompleted},
}

// judge says how healthy the checkpoints are, with the reason of the condition CheckpointsHealthy and its sentence.
func judge(q *patient) (health api.Health, reason, message string) {
	if !q.s.Availability.Judgeable() {
		return api.HealthUnknown, q.s.Availability.Reason, q.s.WhyAway()
	}
	if i, message := decides(q); i >= 0 {
		return checks[i].health, reasonOf(checks[i].health), message
	}
	return api.HealthHealthy, api.ReasonHealthy, healthyMessage(q)
}

// decides is the first check that holds, -1 if none does.
func decides(q *patient) (index int, message string) {
	for i := range checks {
		if message, holds := checks[i].test(q); holds {
			return i, message
		}
	}
	return -1, ""
}

func reasonOf(health api.Health) string {
	switch health {
	case api.HealthUnhealthy:
		return api.ReasonUnhealthy
	case api.HealthAtRisk:
		return api.ReasonAtRisk
	}
	return api.ReasonTooFewCheckpoints
}

func healthyMessage(q *patient) string {
	typical := median(q.w.recent(maxDurations))
	text := of(q.w.counts.Completed, q.w.counts.Window, "checkpoints completed") + ", median " + span(typical)
	if q.w.guessed {
		return text + "; the timeout in force is not known, so nothing is said of durations against it"
	}
	return text + " of a timeout of " + span(q.w.timeout)
}

// startTime is how long tasks may take to start before a job whose tasks do not run is sick: a checkpoint of the job's own rhythm
// (interval + timeout) bounded to 1m..10m. A job is RUNNING half a minute before its tasks are (measured with the Flink operator), and
// pulling an image or claiming a volume takes minutes, rarely ten.
func startTime(w *window) time.Duration {
	return min(max(w.interval+w.timeout, time.Minute), 10*time.Minute)
}

func tasksNeverRun(q *patient) (string, bool) {
	waiting, total := waitingTasks(q.s)
	since := neverRunSince(q)
	if since.IsZero() {
		return "", false
	}
	text := fmt.Sprintf("no checkpoint can be taken: %d of %d subtasks have waited to be scheduled for %s", waiting, total, span(q.now.Sub(since)))
	if pods := q.s.Unscheduled(); pods != "" {
		text += "; " + bounded(pods, 240)
	}
	return text, true
}

func restartsOnly(q *patient) (string, bool) {
	since, failures := restartsOnlySince(q)
	if since.IsZero() {
		return "", false
	}
	return fmt.Sprintf("no checkpoint has begun for %s: the job failed %d times meanwhile, %s ago last: %s", span(q.now.Sub(since)), len(failures),
		span(max(q.now.Sub(failures[0].At), 0)), bounded(says(failures[0]), 160)), true
}

// recovered tells whether as many completed in a row as the policy asks. Where it was no single accident, what drains back to back behind a long one counts
// once: some hold barriers up for seconds and let them pass for a moment in between.
//
// And as many as lay between two failures before prove nothing: where each expiry restarts the job, what grows begins anew, and some complete each time.
func recovered(q *patient) bool {
	row := inARow(q)
	return row >= max(q.p.Detection.HealthyAfter, 1) && row > q.w.between
}

func inARow(q *patient) int {
	if q.w.counts.Expired+q.w.counts.Failed+q.w.near() > 1 {
		return q.w.spaced
	}
	return q.w.counts.ConsecutiveCompleted
}

func expiring(q *patient) (string, bool) {
	c := &q.w.counts
	if c.Expired < max(q.p.Detection.ExpiredThreshold, 1) || recovered(q) {
		return "", false
	}
	if c.ConsecutiveExpired == c.Expired && c.Expired > 1 {
		return fmt.Sprintf("the last %d of %d checkpoints expired%s", c.Expired, c.Window, q.w.atTimeout()), true
	}
	return fmt.Sprintf("%d of the last %d checkpoints expired%s", c.Expired, c.Window, q.w.atTimeout()), true
}

func failing(q *patient) (string, bool) {
	c := &q.w.counts
	if c.Failed+c.Expired < max(q.p.Detection.ExpiredThreshold, 1) || c.Failed == 0 || recovered(q) {
		return "", false
	}
	text := fmt.Sprintf("%d of the last %d checkpoints failed", c.Failed, c.Window)
	if c.Expired > 0 {
		text += fmt.Sprintf(" and %d expired", c.Expired)
	}
	if f := q.w.lastFailure; f != nil && f.Failure.Message != "" {
		text += ": " + bounded(f.Failure.Message, 160)
	}
	return text, true
}

// overdue: twice the timeout. The timer starts only after the trigger's io step, so that a clogged io pool gives pending times beyond the
// timeout that still complete (16 s under 10 s measured); twice is far beyond.
func overdue(q *patient) (string, bool) {
	if q.w.guessed || q.w.pending == nil || q.w.counts.PendingFor < 2*q.w.timeout {
		return "", false
	}
	return fmt.Sprintf("checkpoint %d has been pending for %s under a timeout of %s", q.w.pending.ID, span(q.w.counts.PendingFor),
		span(q.w.timeout)), true
}

func tooFew(q *patient) (string, bool) {
	if q.w.counts.Window > 0 {
		return "", false
	}
	return "no checkpoint has finished yet", true
}

func firstExpiry(q *patient) (string, bool) {
	c := &q.w.counts
	if c.Expired == 0 || recovered(q) {
		return "", false
	}
	return fmt.Sprintf("%d of the last %d checkpoints expired%s; %d are a pattern", c.Expired, c.Window, q.w.atTimeout(),
		q.p.Detection.ExpiredThreshold), true
}

func firstFailure(q *patient) (string, bool) {
	c := &q.w.counts
	if c.Completed > 0 || q.w.failures <= q.w.failovers || q.w.lastFailure == nil {
		return "", false
	}
	return fmt.Sprintf("%d of the last %d checkpoints failed, none completed: %s", c.Failed, c.Window, bounded(q.w.lastFailure.Failure.Message, 160)), true
}

func noneCompleted(q *patient) (string, bool) {
	if q.w.counts.Completed > 0 {
		return "", false
	}
	return fmt.Sprintf("no checkpoint has completed yet; %d ended with a restart of the job, fewer than the %d that are a pattern", q.w.failovers,
		q.p.Detection.ExpiredThreshold), true
}

func recovering(q *patient) (string, bool) {
	if q.s.Past.Health != api.HealthUnhealthy || recovered(q) {
		return "", false
	}
	return fmt.Sprintf("recovering: %d of %d checkpoints in a row completed since", inARow(q),
		max(q.p.Detection.HealthyAfter, 1)), true
}

// lookBack is how many of the newest completed checkpoints the margins are judged by.
const lookBack = 5

func completedBeyond(q *patient) (string, bool) {
	if q.w.guessed {
		return "", false
	}
	for _, d := range q.w.recent(lookBack) {
		if d > q.w.timeout {
			return fmt.Sprintf("a checkpoint completed after %s under a timeout of %s: its timer began late", span(d), span(q.w.timeout)), true
		}
	}
	return "", false
}

// nearTimeout: two of the last five completed ones reached half the timeout, or three of the last ten, or two of these three quarters of it: where what
// holds them up comes and goes most of them are quick. One that is pending for as long counts as one of them. A single one, such as the first after a
// start, is none.
func nearTimeout(q *patient) (string, bool) {
	for _, row := range [...]struct {
		of, near int
		share    float64
		text     string
	}{{lookBack, 2, 0.5, "half"}, {2 * lookBack, 3, 0.5, "half"}, {2 * lookBack, 2, 0.75, "three quarters of"}} {
		near, longest := 0, time.Duration(0)
		recent := q.w.withPending(row.of)
		for _, d := range recent {
			near += count(d >= share(q.w.timeout, row.share))
			longest = max(longest, d)
		}
		if near >= row.near && !q.w.guessed {
			return fmt.Sprintf("%d of the last %d checkpoints took %s the timeout of %s or more, up to %s", near, len(recent), row.text,
				span(q.w.timeout), span(longest)), true
		}
	}
	return "", false
}

// Several times its own past is four times (0.1 s to 4.5 s is what a starved JobManager did before the first expiry), and a fifth of
// the timeout at least: below that there is no risk whatever the factor.
const (
	severalTimes  = 4
	timeoutMargin = 5
)

func slowerThanPast(q *patient) (string, bool) {
	past := pastDuration(q.s)
	recent := q.w.withPending(3)
	typical := median(recent)
	if q.w.guessed || past <= 0 || len(recent) < 3 || typical < severalTimes*past || timeoutMargin*typical < q.w.timeout || steady(&q.w) {
		return "", false
	}
	return fmt.Sprintf("checkpoints take %s, %.0f times as long as this job's own %s", span(typical), float64(typical)/float64(past), span(past)), true
}

// pastDuration is what a checkpoint of this job took while it was healthy: what earlier passes remember, else the median of all
// completed ones of this run, which Flink keeps. What they took when a remedy was judged effective is normal as well: where a longer
// timeout is the cure, the storage stays as slow as it is.
func pastDuration(s *model.Snapshot) time.Duration {
	past := s.Past.HealthyDuration
	if past <= 0 {
		past = s.Checkpoints.Summary.P50
	}
	for i := range s.Target.Receipts {
		if r := &s.Target.Receipts[i]; r.Outcome == api.OutcomeEffective && past > 0 {
			past = max(past, time.Duration(r.MedianMilliseconds)*time.Millisecond)
		}
	}
	return past
}

func pendingLong(q *patient) (string, bool) {
	if q.w.guessed || q.w.pending == nil || q.w.counts.PendingFor <= q.w.timeout {
		return "", false
	}
	return fmt.Sprintf("checkpoint %d has been pending for %s, longer than its timeout of %s", q.w.pending.ID,
		span(q.w.counts.PendingFor), span(q.w.timeout)), true
}

func startsLate(q *patient) (string, bool) {
	if !q.g.suspicious(&q.w) {
		return "", false
	}
	return fmt.Sprintf("checkpoints begin up to %s after they are due, with none in progress; the interval is %s", span(q.g.largest),
		span(q.w.interval)), true
}

func jobManagerCollects(q *patient) (string, bool) {
	if !collects(&q.s.JobManager, q.p) {
		return "", false
	}
	jm := &q.s.JobManager
	text := "the JobManager spends " + percent(jm.GCShare.Value) + " of its time collecting garbage"
	if jm.HeapUsed.Known && jm.HeapMax.Known && jm.HeapMax.Value > 0 {
		text += ", its heap is " + percent(jm.HeapUsed.Value/jm.HeapMax.Value) + " full"
	}
	return text, true
}

// collects tells whether the JobManager's heap is used up: garbage collection over the policy's share with a heap over the policy's, or
// garbage collection that is too much by itself.
func collects(jm *model.JobManager, p *model.Policy) bool {
	if !jm.GCShare.AtLeast(p.Thresholds.GC) {
		return false
	}
	full := jm.HeapUsed.Known && jm.HeapMax.AtLeast(1) && jm.HeapUsed.Value/jm.HeapMax.Value >= p.Thresholds.Heap
	return full || jm.GCShare.AtLeast(max(model.MuchGC, p.Thresholds.GC)) && !jm.RoomyHeap()
}

// jobManagerBusy: by its use against its limit, else by what a JobManager without CPU does (see strainOf).
func jobManagerBusy(q *patient) (string, bool) {
	share := cpuShare(&q.s.JobManager)
	if q.w.strain > 0 {
		return fmt.Sprintf("the JobManager's JVM uses %s of the CPU it may have, its REST API answers after %s, and checkpoints take %s", percent(loadOf(q.s).Value),
			q.w.answers(q.s), span(q.w.strainedFor())), true
	}
	if !share.AtLeast(q.p.Thresholds.JobManagerCPU) {
		return "", false
	}
	return fmt.Sprintf("the JobManager uses %s of its %s cores", percent(share.Value), cores(q.s.JobManager.CPULimit.Value)), true
}

// cpuShare is use against the limit. Status.JVM.CPU.Load is no substitute: it was 0.0 and 0.12 while 90 % of the time went into garbage collection.
func cpuShare(jm *model.JobManager) model.Measure {
	if !jm.CPUUsage.Known || !jm.CPULimit.Known || jm.CPULimit.Value <= 0 {
		return model.Measure{}
	}
	return model.Measured(jm.CPUUsage.Value / jm.CPULimit.Value)
}

package verify

import (
	"fmt"
	"strings"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// harms are the ways in which a remedy makes a job worse, in order. Each says so in a sentence, or nothing.
var harms = []func(*verdict) string{
	(*verdict).savepointFailed, // the upgrade cannot stop the job, and each attempt restarts it
	(*verdict).rolledBack,      // the Flink operator gave the new spec up
	(*verdict).failed,          // the job ended
	(*verdict).notBack,         // the job has not come back in time
	(*verdict).restartsTooMuch, // the job restarts over and over
}

// harm is the first that applies.
func (c *verdict) harm() string {
	for _, ask := range harms {
		if why := ask(c); why != "" {
			return why
		}
	}
	return ""
}

// savepointFailed sees an upgrade that stops the job with a savepoint and cannot: in the resource's error, which is there for seconds only,
// or as a failed savepoint in Flink's history. Measured on operator 1.7.0: six restarts in four minutes, the resource STABLE all the while.
func (c *verdict) savepointFailed() string {
	text := c.object().Error
	lower := strings.ToLower(text)
	if strings.Contains(text, "SavepointError") || (strings.Contains(lower, "stop") && strings.Contains(lower, "with savepoint")) {
		return "the upgrade could not stop the job with a savepoint, and each attempt restarts it: " + bounded(text, 160)
	}
	if _, began := c.began(); began || c.object().UpgradeMode != "savepoint" {
		return ""
	}
	for i := range c.s.Checkpoints.History {
		k := &c.s.Checkpoints.History[i]
		if k.Savepoint && k.Status == model.CheckpointFailed && !k.Trigger.Before(c.applied().Add(-clockSlack)) {
			return fmt.Sprintf("savepoint %d of the upgrade failed, and each attempt restarts the job", k.ID)
		}
	}
	return ""
}

func (c *verdict) rolledBack() string {
	t := c.object()
	if t.Lifecycle == "ROLLED_BACK" || t.Reconciliation == "ROLLED_BACK" {
		return "the Flink operator rolled the deployment back; its spec still holds the new values" + because(t.Error)
	}
	return ""
}

// failed sees a job that ended for good. During an upgrade the resource shows FINISHED and CANCELED of the run before: FAILED of a run
// that has begun is another matter.
func (c *verdict) failed() string {
	t := c.object()
	if c.upgrading() {
		return ""
	}
	if t.Lifecycle == "FAILED" {
		return "the deployment is FAILED" + because(t.Error)
	}
	if _, began := c.began(); began && c.s.Job.State == "FAILED" {
		return "the job FAILED after the restart"
	}
	return ""
}

// notBack sees a job that has been down for longer than it may be at a stretch, or that does not run when the deadline has passed. That
// its REST API cannot be reached while the resource says STABLE is missing data, not harm.
func (c *verdict) notBack() string {
	if !c.tooLong() {
		return ""
	}
	why := c.away(say(c.now.Sub(c.r.AppliedAt)) + " after the patch")
	if why != "" && c.neverBack() {
		why = "the job is down since the remedy: " + why
	}
	// On a cluster without room a larger JobManager leaves none for a TaskManager (Kubernetes 1.36: 1.5 instead of 0.8 cores on a node of two).
	if pods := c.s.Unscheduled(); why != "" && pods != "" {
		why += "; " + bounded(pods, 240)
	}
	return why
}

// away says in which way the job is away, so long after the patch; empty where it is not known to be.
func (c *verdict) away(after string) string {
	t, a, job := c.object(), c.s.Availability, &c.s.Job
	switch {
	case c.running() && !c.s.TasksRun():
		return fmt.Sprintf("%d of %d tasks run %s, though the job is RUNNING", job.TasksRunning, job.TasksTotal, after)
	case c.running():
		return ""
	case c.upgrading():
		return fmt.Sprintf("the job is not back %s: the resource is %s%s", after, orElse(t.Lifecycle, t.Reconciliation), because(t.Error))
	case a.Reason == api.ReasonJobNotRunning, a.Reason == api.ReasonJobNotFound:
		return fmt.Sprintf("the job does not run %s: %s", after, bounded(orElse(a.Message, a.Reason), 160))
	case a.Reason == api.ReasonJobManagerUnreachable && t.NoJobManager():
		return fmt.Sprintf("no JobManager runs %s: the Flink operator says %s%s", after, t.JobManagerDeployment, because(t.Error))
	case a.Judgeable() && job.State != "":
		return fmt.Sprintf("the job is %s %s", job.State, after)
	}
	return ""
}

// neverBack tells that since the patch neither all tasks were seen running nor a checkpoint was triggered, which none is before they run.
func (c *verdict) neverBack() bool {
	since := c.s.Past.TasksDownSince
	if since.IsZero() {
		since = c.s.Past.DownSince
	}
	return c.downtime() == 0 && (since.IsZero() || since.Sub(c.r.AppliedAt) <= c.comeBack())
}

// tooLong tells that a job whose remedy restarts it should have been back by now.
func (c *verdict) tooLong() bool {
	// A manager that starts after the deadline has not seen for how long the job is away: it may be a moment, by somebody else's doing.
	late := c.late() && c.comeBack() <= 0
	return (c.downTooLong() || late) && c.restarts() && !c.meantToStop() && !c.r.Baseline.Down
}

// downTooLong tells that the job has been down at a stretch for longer than the criterion bears.
func (c *verdict) downTooLong() bool {
	down, ours := c.down()
	return ours && down > c.comeBack()
}

// awaited tells of a job that is away and may be so for longer yet. After the deadline as well: a manager that starts then has just seen it go, and
// calls it neither harmful nor undecided before its time.
func (c *verdict) awaited() bool {
	down, ours := c.down()
	return ours && down <= c.comeBack() && c.restarts() && !c.meantToStop() && !c.r.Baseline.Down && !c.s.TasksRun()
}

// comeBack is how long the job may be down at a stretch; 0 = not said.
func (c *verdict) comeBack() time.Duration {
	return time.Duration(c.r.Criterion.ComeBackSeconds) * time.Second
}

// down is for how long the job has been down at a stretch since the patch. A restart that somebody else began with a further change of the spec is
// theirs: undoing the remedy would not end it.
func (c *verdict) down() (long time.Duration, ours bool) {
	since := c.s.Past.DownSince
	if tasks := c.s.Past.TasksDownSince; !tasks.IsZero() && (c.late() || c.tasksOverdue(tasks)) {
		since = tasks
	}
	if c.comeBack() <= 0 || since.IsZero() || (c.r.Generation != 0 && c.object().Generation > c.r.Generation+1) {
		return 0, false
	}
	if since.Before(c.r.AppliedAt) {
		since = c.r.AppliedAt
	}
	return c.now.Sub(since), true
}

// tasksOverdue tells that the tasks have been away for longer than the criterion bears: since the patch where they were not seen to run since, else since
// they went. A large state is restored while the job is RUNNING, and they run late: until then they have time.
func (c *verdict) tasksOverdue(since time.Time) bool {
	most := time.Duration(c.r.Criterion.TasksBackSeconds) * time.Second
	if c.downtime() == 0 {
		since = c.r.AppliedAt
	}
	return most > 0 && c.now.Sub(since) > most
}

// meantToStop tells that the job does not run because its owner suspended it, or because a bounded job came to its end. (While upgrading,
// FINISHED is the run before.)
func (c *verdict) meantToStop() bool {
	return c.s.Target.Suspended || c.object().Suspended || (c.s.Job.State == "FINISHED" && !c.upgrading())
}

// running tells that Flink itself shows the job running: the resource can be late.
func (c *verdict) running() bool {
	return c.s.Availability.Judgeable() && c.s.Job.State == "RUNNING"
}

// restartsTooMuch counts the job's own restarts. The metric starts anew with the JobManager, so after a redeploy all of it counts.
func (c *verdict) restartsTooMuch() string {
	if !c.s.Job.Restarts.Known || c.upgrading() {
		return ""
	}
	restarts := c.s.Job.Restarts.Value
	if c.restarts() {
		if _, began := c.began(); !began {
			return ""
		}
	} else {
		restarts -= float64(c.r.Baseline.Restarts)
	}
	if restarts <= float64(c.r.Criterion.MaxRestarts) {
		return ""
	}
	return fmt.Sprintf("the job restarted %.0f times since the remedy, at most %d are borne", restarts, c.r.Criterion.MaxRestarts)
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

package diagnose

import (
	"fmt"
	"slices"
	"time"

	"checkpointhealth.dev/operator/controllers/model"
)

// A job is stalled where its tasks do not run, so that no checkpoint begins: they wait to be scheduled, or each start of theirs fails.

// stalledSince is when that began; zero for a job that is not stalled.
func stalledSince(q *patient) time.Time {
	if since := neverRunSince(q); !since.IsZero() {
		return since
	}
	since, _ := restartsOnlySince(q)
	return since
}

// neverRunSince is since when a job is RUNNING whose tasks wait to be scheduled, for longer than any start takes; zero otherwise. One of
// which a checkpoint began in this run has run.
func neverRunSince(q *patient) time.Time {
	waiting, _ := waitingTasks(q.s)
	since, long := q.s.Job.RunningSince, startTime(&q.w)
	if seesMismatch(q.s) {
		long /= 2 // whom they wait for does not come
	}
	if waiting == 0 || since.IsZero() || q.s.Job.State != "RUNNING" || q.now.Sub(since) < long || lastTrigger(q.s).After(since) {
		return time.Time{}
	}
	return since
}

// seesMismatch tells whether a log or an answer says that a TaskManager is of a version that the JobManager does not understand.
func seesMismatch(s *model.Snapshot) bool {
	return slices.ContainsFunc(s.Logs, func(l model.LogSignal) bool { return l.Kind == model.LogVersionMismatch && l.Count > 0 }) ||
		slices.ContainsFunc(s.TaskManagers, func(tm model.TaskManager) bool { return tm.Mismatch != "" })
}

// manyFailures is how many failures without a checkpoint between them are no accident: one is, and two may be one and its consequence.
const manyFailures = 3

// restartsOnlySince is since when no checkpoint has begun in a job that fails again and again and whose tasks do not run now, and what it failed
// of, newest first; zero otherwise. It takes two intervals more than any start: after a restart the first checkpoint begins within one. Twice as many
// failures need half of a start's time: it starts, and fails each time. One that fails every few days is in no such loop, whyever no checkpoint begins.
func restartsOnlySince(q *patient) (since time.Time, failures []*model.JobException) {
	job := &q.s.Job
	if since = lastTrigger(q.s); since.Before(job.StartTime) {
		since = job.StartTime
	}
	if since.IsZero() || job.TasksTotal == 0 || job.TasksRunning >= job.TasksTotal {
		return time.Time{}, nil
	}
	failures = failuresSince(q.s, since)
	loop := startTime(&q.w) + 2*q.w.interval
	long := loop
	if len(failures) >= 2*manyFailures {
		long = startTime(&q.w) / 2
	}
	if len(failures) < manyFailures || q.now.Sub(since) < long || q.now.Sub(failures[manyFailures-1].At) >= manyFailures*loop {
		return time.Time{}, nil
	}
	return since, failures
}

// failuresSince are what a job failed of since then, newest first.
func failuresSince(s *model.Snapshot, since time.Time) (failures []*model.JobException) {
	for i := range s.Exceptions {
		if e := &s.Exceptions[i]; e.At.After(since) && !isIntolerance(e) {
			failures = append(failures, e)
		}
	}
	return failures
}

// lastTrigger is when the newest checkpoint of the history began; zero where there is none.
func lastTrigger(s *model.Snapshot) time.Time {
	if len(s.Checkpoints.History) == 0 {
		return time.Time{}
	}
	return s.Checkpoints.History[0].Trigger
}

// waitingTasks counts subtasks of vertices that wait for slots or are being deployed. Restoring state (INITIALIZING) is work, not waiting. The
// graph may have been read long ago, so it must agree with the list of jobs, which every pass reads: what runs there does not wait.
func waitingTasks(s *model.Snapshot) (waiting, total int) {
	for i := range s.Vertices {
		v := &s.Vertices[i]
		total += v.Parallelism
		switch v.Status {
		case "CREATED", "SCHEDULED", "DEPLOYING":
			waiting += v.Parallelism
		}
	}
	if s.Job.TasksTotal > 0 {
		waiting = min(waiting, max(s.Job.TasksTotal-s.Job.TasksRunning, 0))
	}
	return waiting, total
}

// initializing counts the subtasks of vertices that restore their state or open, and since when no checkpoint has begun; none where they do not keep one
// from beginning for longer than any start takes and two intervals or pauses.
func initializing(s *model.Snapshot, w *window, now time.Time) (n, vertex int, since time.Time) {
	since, vertex = lastUnderWay(s), -1
	waiting, _ := waitingTasks(s)
	if waiting > 0 || since.IsZero() || s.Job.State != "RUNNING" || w.pending != nil || now.Sub(since) < startTime(w)+2*max(w.interval, w.minPause) {
		return 0, -1, time.Time{}
	}
	for v := range s.Vertices {
		if s.Vertices[v].Status == "INITIALIZING" {
			n += s.Vertices[v].Parallelism
			if vertex < 0 {
				vertex = v
			}
		}
	}
	return min(n, max(s.Job.TasksTotal-s.Job.TasksRunning, 0)), vertex, since
}

// lastUnderWay is the newest moment from which tasks can have kept checkpoints from beginning: the end of the newest one, the start of the job, or the newest
// failure, after which they began anew. It is zero where none is known.
func lastUnderWay(s *model.Snapshot) time.Time {
	last := s.Job.StartTime
	if len(s.Checkpoints.History) > 0 {
		if c := &s.Checkpoints.History[0]; c.Trigger.Add(max(c.Duration, 0)).After(last) && !c.Trigger.IsZero() {
			last = c.Trigger.Add(max(c.Duration, 0))
		}
	}
	for i := range s.Exceptions {
		if s.Exceptions[i].At.After(last) {
			last = s.Exceptions[i].At
		}
	}
	return last
}

// tasksInitialize is the line of the table of health.
func tasksInitialize(q *patient) (string, bool) {
	n, v, since := initializing(q.s, &q.w, q.now)
	if n == 0 {
		return "", false
	}
	return fmt.Sprintf("no checkpoint has begun for %s: %d subtasks, of %q among others, have not initialized: they restore their state or are in open", span(q.now.Sub(since)), n,
		bounded(q.s.Vertices[v].Name, 80)), true
}

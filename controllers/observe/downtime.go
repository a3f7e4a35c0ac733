package observe

import (
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// runningMark is when the tasks of a run were first seen running.
type runningMark struct {
	id           string
	start, since time.Time
	// before is set where they ran already when the job was first looked at: since when is not known then.
	before bool
}

// tasksRunningSince tells when a pass first saw all tasks of this run running; zero where none saw the run begin.
func (m *Memory) tasksRunningSince(job *model.Job, now time.Time) time.Time {
	all := job.TasksTotal > 0 && job.TasksRunning == job.TasksTotal
	mark := &m.running
	if mark.id != job.ID || !mark.start.Equal(job.StartTime) {
		*mark = runningMark{id: job.ID, start: job.StartTime, before: all && mark.id == ""}
	}
	if all && !mark.before && mark.since.IsZero() {
		mark.since = now
	}
	return mark.since
}

// downSince tells since when no pass has seen the job running; zero while it runs.
func (m *Memory) downSince(s *model.Snapshot, now time.Time) time.Time {
	absent := jobAbsent(s)
	if absent {
		m.absences++
	}
	switch {
	case s.TasksRun():
		m.tasksDown = time.Time{}
	case m.tasksDown.IsZero() && (s.Availability.Judgeable() || absent):
		m.tasksDown = now
	}
	switch {
	case s.Availability.Judgeable() && s.Job.State == "RUNNING":
		m.down = time.Time{}
	case !m.down.IsZero():
	case s.Availability.Judgeable(), absent:
		m.down = now
	}
	return m.down
}

// jobAbsent tells that the job is known to be away. A JobManager that does not answer is missing data, unless the Flink operator sees none.
func jobAbsent(s *model.Snapshot) bool {
	switch s.Availability.Reason {
	case api.ReasonUpgrading, api.ReasonJobNotRunning, api.ReasonJobNotFound:
		return true
	case api.ReasonJobManagerUnreachable:
		return s.Target.NoJobManager()
	}
	return false
}

// measuredDowntime is how long this workload was down at the newest redeploy of ours that was measured; 0 where none was.
func measuredDowntime(receipts []model.Receipt) time.Duration {
	for i := range receipts {
		if seconds := receipts[i].DowntimeSeconds; seconds > 0 {
			return time.Duration(seconds) * time.Second
		}
	}
	return 0
}

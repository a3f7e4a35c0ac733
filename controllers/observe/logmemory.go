package observe

import (
	"slices"
	"strings"

	"checkpointhealth.dev/operator/controllers/model"
)

// taskOutOfMemory is a kind of its own until the whole log is read: a JobManager writes down the failures of tasks, and their memory is a TaskManager's.
const taskOutOfMemory = model.LogKind("out of memory, of a task")

// taskWords are in records that tell of a task, or of an exception that came from another process.
var taskWords = []string{" switched from ", "Decline checkpoint ", "Asynchronous task checkpoint failed", "Task local checkpoint failure", "SerializedThrowable"}

// kindIn is the kind that a record counts for until the whole log is read.
func kindIn(kind model.LogKind, text string) model.LogKind {
	if kind == model.LogOutOfMemory && slices.ContainsFunc(taskWords, func(word string) bool { return strings.Contains(text, word) }) {
		return taskOutOfMemory
	}
	return kind
}

// settleMemory says whose memory ran out: in a JobManager's log its own, whatever the file is called, but where the record tells of a task.
func (r *LogReport) settleMemory() {
	jobManagers := r.Component == model.ComponentJobManager || r.Process == model.JobManagerProcess
	for i := range r.Signals {
		switch signal := &r.Signals[i]; {
		case signal.Kind == model.LogOutOfMemory && jobManagers:
			signal.Process = model.JobManagerProcess
		case signal.Kind == taskOutOfMemory:
			signal.Kind = model.LogOutOfMemory
			if jobManagers {
				signal.Process = "tasks"
			}
		}
	}
}

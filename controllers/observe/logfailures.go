package observe

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"checkpointhealth.dev/operator/controllers/model"
)

var (
	startLine   = regexp.MustCompile(`Starting (\w+) \(Version: ([^,\s)]{1,60})`)
	configLine  = regexp.MustCompile(`Loading configuration property: ([\w.-]{1,200}), (.{0,500})$`)
	stuckLine   = regexp.MustCompile(`Task '([^\n]{1,300})' did not react to cance\w+ signal`)
	restartLine = regexp.MustCompile(`Job ([^\n]{1,200}) \(([0-9a-f]{32})\) switched from state (\w+) to (\w+)`)
)

// startLine reads what a process prints of itself at its start.
func (r *LogReport) startLine(text string) {
	first, _, _ := strings.Cut(text, "\n")
	if m := startLine.FindStringSubmatch(first); m != nil {
		r.Version = cleanText(m[2], 64)
		r.Component = model.ComponentJobManager
		if strings.Contains(m[1], "TaskManager") || strings.Contains(m[1], "TaskExecutor") {
			r.Component = model.ComponentTaskManager
		}
	}
	if m := configLine.FindStringSubmatch(first); len(m) > 0 && KeptKey(m[1]) && len(r.Config) < maxConfigKeys {
		r.Config[m[1]] = withoutUser(cleanText(m[2], maxValue))
	}
}

// failureLine reads failures of tasks and of the job, stuck tasks, and what tasks are called.
func (r *LogReport) failureLine(at time.Time, text string) {
	first, rest, _ := strings.Cut(text, "\n")
	if m := namedTask.FindStringSubmatch(first); m != nil && len(r.names) < maxVertices {
		r.names[m[4]] = taskName{name: taskNameOf(m[1]), parallelism: int(min(max(atoi(m[3]), 0), maxSubtasks))}
	}
	if m := restartLine.FindStringSubmatch(first); m != nil {
		r.job.ID, r.job.Name, r.job.State = m[2], cleanText(m[1], maxName), m[4]
		if m[4] == "RESTARTING" {
			r.restarts++
		}
	}
	if m := stuckLine.FindStringSubmatch(first); m != nil {
		r.stacks = append(r.stacks, stuckTask{at: at, name: m[1], frames: plainFrames(rest)})
		if len(r.stacks) > maxLogStacks {
			r.stacks = r.stacks[1:]
		}
	}
	r.exceptionIn(at, first, rest)
}

// taskNameOf cuts off what a layout puts before the name: "… [] - state".
func taskNameOf(text string) string {
	if i := strings.LastIndex(text, " - "); i >= 0 {
		text = text[i+len(" - "):]
	}
	return cleanText(text, maxName)
}

// plainFrames are the frames of a stuck task, which Flink prints without "at": "java.lang.Thread.sleep(Native Method)".
func plainFrames(text string) []string {
	var frames []string
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimPrefix(strings.TrimSpace(line), "at ")
		name, _, ok := strings.Cut(line, "(")
		if !ok || !strings.Contains(name, ".") || strings.ContainsAny(name, " \t") || len(frames) == maxStackFrames {
			continue
		}
		if i := strings.LastIndexByte(name, '/'); i >= 0 {
			name = name[i+1:]
		}
		frames = append(frames, cleanText(name, maxName))
	}
	return frames
}

// failureWords are the first lines of records whose exception says why a task or the job failed.
var failureWords = []string{"switched from RUNNING to FAILED", "switched from state RUNNING to FAILING", "switched from state RUNNING to RESTARTING",
	"Trying to recover from a global failure", "Could not perform checkpoint", "to FAILED with failure cause"}

// exceptionIn keeps the exception of a failure.
func (r *LogReport) exceptionIn(at time.Time, first, rest string) {
	if rest == "" || !slices.ContainsFunc(failureWords, func(word string) bool { return strings.Contains(first, word) }) {
		return
	}
	exception := model.JobException{At: at, Frames: stackFrames(rest)}
	for line := range strings.SplitSeq(rest, "\n") {
		if m := exceptionHead.FindStringSubmatch(line); m != nil {
			exception.Name, exception.Message = m[1], cleanText(line, maxMessage)
			break
		}
	}
	if exception.Name == "" {
		return
	}
	if m := namedTask.FindStringSubmatch(first); m != nil {
		exception.Task = taskNameOf(m[1]) + " (" + m[2] + "/" + m[3] + ")"
	}
	r.Exceptions = append([]model.JobException{exception}, r.Exceptions...)
	if len(r.Exceptions) > maxExceptions {
		r.Exceptions = r.Exceptions[:maxExceptions]
	}
}

package observe

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"checkpointhealth.dev/operator/controllers/model"
)

var (
	startLine = regexp.MustCompile(`Starting (\w+) \(Version: ([^,\s)]{1,60})`)
	// The class path follows the version; where only its line is left, the name of flink-dist tells.
	classPathLine = regexp.MustCompile(` Classpath: .*\bflink-dist(?:_[\d.]+)?-(\d[\w.-]{0,60}?)\.jar`)
	configLine    = regexp.MustCompile(`Loading configuration property: ([\w.-]{1,200}), (.{0,500})$`)
	stuckLine     = regexp.MustCompile(`Task '([^\n]{1,300})' did not react to cance\w+ signal`)
	restartLine   = regexp.MustCompile(`Job ([^\n]{1,200}) \(` + anyID + `\) switched from state (\w+) to (\w+)`)
	// submitLine is what the Dispatcher and the JobMaster write of a job: "Submitting job 'payments' (0ee9…)", "Initializing job 'payments' (0ee9…)".
	submitLine = regexp.MustCompile(`\b(?:job|submission|execution of job) '([^'\n]{1,200})' \(` + anyID + `\)`)
)

// startLine reads what a process prints of itself at its start.
func (r *LogReport) startLine(at time.Time, text string) {
	first, _, _ := strings.Cut(text, "\n")
	r.classPathLine(first)
	r.beginLine(first)
	if !strings.Contains(first, " (Version: ") && !strings.Contains(first, "Loading configuration property: ") {
		return
	}
	if m := startLine.FindStringSubmatch(first); m != nil {
		r.Version = cleanText(m[2], 64)
		r.Component = model.ComponentJobManager
		if strings.Contains(m[1], "TaskManager") || strings.Contains(m[1], "TaskExecutor") {
			r.Component = model.ComponentTaskManager
		} else {
			r.begun[""], r.whole = at, r.whole || len(r.events) == 0
		}
	}
	if m := configLine.FindStringSubmatch(first); len(m) > 0 && KeptKey(m[1]) && len(r.Config) < maxConfigKeys {
		r.Config[m[1]] = withoutUser(cleanText(m[2], maxValue))
	}
}

// classPathLine reads the version off the class path where the line before, which says it, is not there.
func (r *LogReport) classPathLine(first string) {
	if r.Version != "" || !strings.Contains(first, " Classpath: ") {
		return
	}
	if m := classPathLine.FindStringSubmatch(first); m != nil {
		r.Version = cleanText(m[1], 64)
	}
}

// failureLine reads failures of tasks and of the job, stuck tasks, and what tasks are called.
func (r *LogReport) failureLine(at time.Time, text string) {
	first, rest, _ := strings.Cut(text, "\n")
	switch {
	case strings.Contains(first, " switched from state "):
		r.jobState(at, first)
	case strings.Contains(first, " switched from "):
		r.taskState(first)
	case strings.Contains(first, "' did not react to "):
		r.stuck(at, first, rest)
	default:
		r.nameJob(first)
	}
	r.exceptionIn(at, first, rest)
}

// jobState reads "Job payments (0ee9…) switched from state RUNNING to RESTARTING."
func (r *LogReport) jobState(at time.Time, line string) {
	m := restartLine.FindStringSubmatch(line)
	if m == nil {
		return
	}
	r.job.ID, r.job.Name, r.job.State = m[2], cleanText(m[1], maxName), m[4]
	if len(r.jobs) < maxLogJobs {
		r.jobs[m[2]] = r.job.Name
	}
	if m[4] == "RESTARTING" {
		r.restarts[m[2]]++
	}
	if m[3] == "RUNNING" && (len(r.begun) < maxLogJobs || !r.begun[m[2]].IsZero()) {
		r.begun[m[2]] = at
	}
}

// nameJob reads what a job is called off the lines about its submission.
func (r *LogReport) nameJob(line string) {
	if !strings.Contains(line, "' (") {
		return
	}
	if m := submitLine.FindStringSubmatch(line); m != nil && len(r.jobs) < maxLogJobs {
		r.jobs[m[2]] = cleanText(m[1], maxName)
	}
}

// taskState reads what a vertex is called and how many subtasks it has.
func (r *LogReport) taskState(line string) {
	name, index, parallelism, vertex := nameTask(line)
	if vertex != "" && index != "" && len(r.names) < maxVertices {
		r.names[vertex] = taskName{name: name, parallelism: int(min(max(atoi(parallelism), 0), maxSubtasks))}
	}
}

// nameTask reads "… [] - state (1/2) (fcfb…_0dcc…_0_0) switched": name state, index 1, parallelism 2, vertex 0dcc…; all empty where
// the line has no such form.
func nameTask(line string) (name, index, parallelism, vertex string) {
	at := namedTask.FindStringSubmatchIndex(line)
	if at == nil {
		return "", "", "", ""
	}
	return taskNameOf(line[:at[0]]), line[at[2]:at[3]], line[at[4]:at[5]], line[at[6]:at[7]]
}

func (r *LogReport) stuck(at time.Time, line, rest string) {
	m := stuckLine.FindStringSubmatch(line)
	if m == nil {
		return
	}
	r.stacks = append(r.stacks, stuckTask{at: at, name: m[1], frames: plainFrames(rest)})
	if len(r.stacks) > maxLogStacks {
		r.stacks = r.stacks[1:]
	}
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
	for line := range strings.SplitSeq(first+"\n"+rest, "\n") {
		if m := exceptionHead.FindStringSubmatch(line); m != nil {
			exception.Name, exception.Message = m[1], quotedText(line, maxMessage)
			break
		}
	}
	if exception.Name == "" {
		return
	}
	if name, index, parallelism, vertex := nameTask(first); vertex != "" {
		exception.Task = name + " (" + index + "/" + parallelism + ")"
	}
	r.Exceptions = append([]model.JobException{exception}, r.Exceptions...)
	if len(r.Exceptions) > maxExceptions {
		r.Exceptions = r.Exceptions[:maxExceptions]
	}
}

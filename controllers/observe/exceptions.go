package observe

import (
	"regexp"
	"slices"
	"strings"

	"checkpointhealth.dev/operator/controllers/flink"
	"checkpointhealth.dev/operator/controllers/model"
)

const (
	maxExceptions      = 8
	maxExceptionFrames = 40
	// maxCauses bounds the heads of causes that are kept of a stack, however deep it is: the innermost one tells most.
	maxCauses = 8
)

// readExceptions reads why the job restarted.
func (p *pass) readExceptions() {
	answer, err := p.client.Exceptions(p.ctx, p.overview.ID, maxExceptions)
	if err != nil {
		p.gap(model.GapExceptions, "exception history", err)
		return
	}
	var found []model.JobException
	for i := range answer.Entries[:min(len(answer.Entries), maxExceptions)] {
		found = append(found, exceptionOf(&answer.Entries[i]))
	}
	p.snapshot.Exceptions = p.memory.recallExceptions(found)
}

// recallExceptions adds to those that were read, newest first, older ones that earlier passes read, the newest of each burst and without their frames: a
// process that is gone fills Flink's answer with itself. Not more than twice maxExceptions in all.
func (m *Memory) recallExceptions(found []model.JobException) []model.JobException {
	if len(found) == 0 {
		return nil
	}
	all, last := slices.Clone(found), found[len(found)-1].At
	for _, e := range m.exceptions {
		if !e.At.Before(last) || len(all) >= 2*maxExceptions {
			continue
		}
		if last.Sub(e.At) > model.FailureBurst {
			e.Frames = nil
			all = append(all, e)
		}
		last = e.At
	}
	m.exceptions = all
	return all
}

func exceptionOf(e *flink.ExceptionEntry) model.JobException {
	exception := model.JobException{
		At: moment(e.Timestamp), Name: cleanText(e.Name, maxName), Task: cleanText(e.TaskName, maxName), TaskManager: cleanText(e.TaskManagerID, maxName),
	}
	first, _, _ := strings.Cut(e.Stacktrace, "\n")
	exception.Message = quotedText(first, maxMessage)
	exception.Frames = stackFrames(e.Stacktrace)
	return exception
}

// frameLine is "at app//org.example.Job.main(Job.java:12) ~[job.jar:1.0]".
var frameLine = regexp.MustCompile(`^\s*at\s+(?:[\w.@-]*/+)*([\w$.<>/-]+)\(`)

// stackFrames keeps class.method of a printed stack and the heads of its causes, of very many the outer ones and the innermost. Arguments and line
// numbers are left out.
func stackFrames(text string) []string {
	var frames []string
	causes, last := 0, 0
	for line := range strings.SplitSeq(text, "\n") {
		if cause, ok := strings.CutPrefix(strings.TrimSpace(line), "Caused by: "); ok {
			head := "Caused by: " + quotedText(cause, maxName)
			if causes == maxCauses {
				frames[last] = head
				continue
			}
			causes, last = causes+1, len(frames)
			frames = append(frames, head)
			continue
		}
		if len(frames)-causes >= maxExceptionFrames {
			continue
		}
		if match := frameLine.FindStringSubmatch(line); match != nil {
			frames = append(frames, cleanText(match[1], maxName))
		}
	}
	return frames
}

// countRestarts says how often the job restarted without asking, unless one of its tasks changed state since the last pass.
func (p *pass) countRestarts() {
	if p.memory.askRestarts > 0 {
		p.readRestarts()
		if p.snapshot.Job.RestartsDelta.AtLeast(1) { // why, and whether it does so again and again
			p.readExceptions()
		}
		return
	}
	if restarts := p.memory.restarts; restarts.Known {
		p.snapshot.Job.Restarts, p.snapshot.Job.RestartsDelta = restarts, model.Measured(0)
	}
}

// readRestarts reads how often the job restarted, and its growth since the pass before.
func (p *pass) readRestarts() {
	const name = "numRestarts"
	p.memory.askRestarts = max(p.memory.askRestarts-1, 0)
	answer, err := p.client.JobMetrics(p.ctx, p.overview.ID, name)
	if err != nil {
		p.gap(model.GapCounters, "restarts of the job", err)
		return
	}
	p.takenAt(&answer) // this request begins a fetch as any other
	restarts := measure(&answer, name)
	if !restarts.Known {
		return
	}
	p.snapshot.Job.Restarts = restarts
	if before := p.memory.restarts; before.Known && restarts.Value >= before.Value {
		p.snapshot.Job.RestartsDelta = model.Measured(restarts.Value - before.Value)
	}
	p.memory.restarts = restarts
}

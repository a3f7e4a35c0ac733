package diagnose

import (
	"strings"

	"checkpointhealth.dev/operator/controllers/model"
)

const (
	// maxVarText bounds the texts that expressions search, in bytes: 4 KiB hold some 60 frames.
	maxVarText = 4 << 10
	// maxVarErrors is how many of the newest exceptions are searched.
	maxVarErrors = 4
)

// lines collects different lines up to maxVarText.
type lines struct {
	seen map[string]bool
	text strings.Builder
}

func (l *lines) add(line string) {
	if line == "" || l.seen[line] || l.text.Len()+len(line) >= maxVarText {
		return
	}
	l.seen[line] = true
	l.text.WriteString(line)
	l.text.WriteByte('\n')
}

// stackText is class.method of the missing subtasks' threads, of asynchronous parts and of the coordinators, a frame a line, from the newest
// sample that was taken while a checkpoint was pending. The JDK's frames are left out, and those of threads that wait in their mailbox.
func stackText(f *features) string {
	l := lines{seen: map[string]bool{}}
	pending := newestSamples(f.s.Stacks, func(s *model.StackSample) bool { return s.PendingCheckpoint > 0 })
	if len(pending) == 0 {
		return ""
	}
	threads, missing := pending[0].Threads, f.missingAt(pending[0])
	for i := range threads[:min(len(threads), maxThreads)] {
		thread := &threads[i]
		if !tellsOf(thread, missing) {
			continue
		}
		for _, frame := range thread.Frames {
			if !ofJDK(frame) {
				l.add(frame)
			}
		}
	}
	return l.text.String()
}

// tellsOf tells whether a thread works for a missing subtask, an asynchronous part or a coordinator.
func tellsOf(thread *model.ThreadStack, missing func(*model.ThreadStack) bool) bool {
	if thread.Process == model.JobManagerProcess {
		return strings.HasPrefix(thread.Name, "SourceCoordinator-")
	}
	if thread.Vertex < 0 {
		return strings.HasPrefix(thread.Name, "AsyncOperations")
	}
	for _, frame := range thread.Frames {
		if strings.Contains(frame, "TaskMailboxImpl.take") {
			return false
		}
	}
	return missing(thread)
}

func ofJDK(frame string) bool {
	return strings.HasPrefix(frame, "java.") || strings.HasPrefix(frame, "jdk.") || strings.HasPrefix(frame, "sun.")
}

// errorText is class, message and frames of the newest exceptions, and a sample of each kind of log line that tells of a failure.
func errorText(f *features) string {
	l := lines{seen: map[string]bool{}}
	for i := range f.s.Exceptions[:min(len(f.s.Exceptions), maxVarErrors)] {
		e := &f.s.Exceptions[i]
		l.add(e.Name)
		l.add(e.Message)
		for _, frame := range e.Frames {
			if !ofJDK(frame) {
				l.add(frame)
			}
		}
	}
	for _, kind := range []model.LogKind{model.LogAsyncFailed, model.LogDeclined, model.LogStorageError, model.LogSinkError, model.LogTaskFailure} {
		if s := f.words.logs[kind]; s != nil {
			l.add(s.Sample)
		}
	}
	return l.text.String()
}

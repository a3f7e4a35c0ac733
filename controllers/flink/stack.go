package flink

import "strings"

const (
	// maxFrames bounds the frames kept of one thread: the JVM's own default depth of a stack trace.
	maxFrames = 1024
	// maxFrame bounds one frame, in bytes.
	maxFrame = 512
)

// parseThread reads what Flink writes of one thread (JvmUtils and ThreadInfo's text form, JDK 8 to 21):
//
//	"Checkpoint Timer" Id=87 BLOCKED on java.lang.Object@cf4febf owned by "jobmanager-io-thread-2" Id=139
//		at app//org.apache.flink.runtime.checkpoint.CheckpointCoordinator$ScheduledTrigger.run(CheckpointCoordinator.java:2187)
//		-  blocked on java.lang.Object@cf4febf
//		at …
//
//		Number of locked synchronizers = 1
//		- java.util.concurrent.ThreadPoolExecutor$Worker@5eac821e
func parseThread(name, text string) Thread {
	t := Thread{Name: cleanLine(name, maxName)}
	head, rest, _ := strings.Cut(strings.TrimLeft(text, "\r\n"), "\n")
	t.readHead(name, head)
	t.Frames = make([]string, 0, min(strings.Count(rest, "\n\tat ")+1, maxFrames))
	for rest != "" {
		var line string
		line, rest, _ = strings.Cut(rest, "\n")
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "Number of locked synchronizers") {
			break
		}
		t.readLine(line)
	}
	return t
}

func (t *Thread) readLine(line string) {
	switch {
	case strings.HasPrefix(line, "at "):
		if len(t.Frames) == maxFrames {
			t.Cut = true
			return
		}
		t.Frames = append(t.Frames, frame(line[len("at "):]))
	case line == "...":
		t.Cut = true
	case strings.HasPrefix(line, "-"):
		what := strings.TrimSpace(line[1:])
		if lock, ok := strings.CutPrefix(what, "locked "); ok && len(t.Holds) < maxFrames {
			t.Holds = append(t.Holds, cleanLine(lock, maxFrame))
		} else if lock, ok := strings.CutPrefix(what, "blocked on "); ok && t.WaitsFor == "" {
			t.WaitsFor = cleanLine(lock, maxFrame)
		} else if lock, ok := strings.CutPrefix(what, "waiting on "); ok && t.WaitsFor == "" {
			t.WaitsFor = cleanLine(lock, maxFrame)
		}
	}
}

// readHead reads the first line: "name" [daemon prio=5 ]Id=1 STATE[ on lock][ owned by "name" Id=2][ (suspended)][ (in native)].
func (t *Thread) readHead(name, head string) {
	head, found := strings.CutPrefix(head, `"`+name+`"`)
	if !found {
		head = head[strings.LastIndex(head, `" `)+1:]
	}
	_, head, found = strings.Cut(head, "Id=")
	if !found {
		return
	}
	_, head, _ = strings.Cut(head, " ")
	t.InNative = strings.Contains(head, "(in native)")
	state, rest, _ := strings.Cut(strings.TrimSpace(head), " ")
	t.State = cleanLine(state, 40)
	lock, ok := strings.CutPrefix(rest, "on ")
	if !ok {
		return
	}
	lock, owner, owned := strings.Cut(lock, ` owned by "`)
	lock, _, _ = strings.Cut(lock, " ")
	t.WaitsFor = cleanLine(lock, maxFrame)
	if end := strings.LastIndex(owner, `" Id=`); owned && end >= 0 {
		t.Owner = cleanLine(owner[:end], maxName)
	}
}

// frame makes package.Class.method of
//
//	java.base@17.0.15/java.lang.Thread.run(Thread.java:840)
//	app//org.apache.flink.util.MdcUtils$$Lambda$991/0x00007f777c6b9548.run(Unknown Source)
func frame(s string) string {
	s, _, _ = strings.Cut(s, "(")
	s = strings.TrimSpace(s)
	for {
		i := strings.IndexByte(s, '/')
		if i < 0 || i+1 == len(s) || isDigit(s[i+1]) {
			break
		}
		s = s[i+1:] // a class loader or module; neither begins with a digit, and the number of a hidden class does
	}
	if i := strings.Index(s, "$$Lambda"); i >= 0 {
		if dot := strings.LastIndexByte(s, '.'); dot > i {
			s = s[:i+len("$$Lambda")] + s[dot:]
		}
	}
	return cleanLine(s, maxFrame)
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

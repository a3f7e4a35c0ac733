package diagnose

import (
	"strings"

	"checkpointhealth.dev/operator/controllers/model"
)

// activity is what a thread is doing.
type activity struct {
	place place
	kind  kind
	// library is the connector, file system or backend that the frames name; below is the library under it, such as a driver.
	library, below string
	// method is the class and method of the user's own code (or of a file system's implementation) that Flink called.
	method string
	// blockedOn is the class of the monitor the thread cannot enter, holder the thread that holds it.
	blockedOn, holder string
	// cut is true where the stack is deeper than what Flink writes of one (50 frames), so that who called is not known.
	cut bool
	// alone is true for a thread that asks nobody outside its process: it computes, writes to its own disk, or waits for a lock.
	alone bool
	// asks is true for one that is seen to send something or to wait for an answer over a connection, awaits for one that waits for what another thread
	// brings, or between two attempts.
	asks, awaits bool
	// sends is true where a method that is called so sends what was gathered: a flush, a batch, a commit. writer is true in what Flink asks the writer of a
	// sink or the reader of a source only for its state in.
	sends, writer bool
}

// idle tells whether a thread waits for something to do.
func (a *activity) idle() bool {
	return a.place == mailbox || a.place == nowhere && a.kind == unknownKind && a.blockedOn == ""
}

// working tells whether a thread is in the middle of something of its own: not idle, and not waiting for buffers downstream.
func (a *activity) working() bool { return !a.idle() && a.place != inBuffers }

// classifier tells what threads do, and remembers what it found out about a frame: the same ones recur in every thread. One serves one
// diagnosis.
type classifier struct {
	data   *stackData
	frames map[string]frameClass
}

type frameClass struct {
	library library
	place   place
}

// maxRemembered bounds what is remembered of frames; a job shows some thousands.
const maxRemembered = 20000

func newClassifier(data *stackData) *classifier {
	return &classifier{data: data, frames: map[string]frameClass{}}
}

func (c *classifier) frame(frame string) frameClass {
	if known, ok := c.frames[frame]; ok {
		return known
	}
	found := frameClass{library: c.data.library(frame)}
	if found.library.Kind != jdkKind && found.library.Kind != languageKind {
		found.place = c.data.place(frame)
	}
	if len(c.frames) < maxRemembered {
		c.frames[frame] = found
	}
	return found
}

// taking is the method in which a task waits for mail. It is idle only if nobody inside the task's work called it: a sink
// that yields until its requests are answered (AsyncSinkWriter.flush) waits there too.
const taking = "TaskMailboxImpl.take"

// classify reads a thread's frames from the outermost to the innermost: who was called by Flink, and what that called in turn.
func (c *classifier) classify(t *model.ThreadStack) activity {
	a, waits := activity{}, false
	for i := len(t.Frames) - 1; i >= 0; i-- {
		frame := t.Frames[i]
		class := c.frame(frame)
		a.place = a.place.inner(class.place)
		waits = waits || strings.HasSuffix(frame, taking)
		a.enter(frame, class.library)
		a.sends = a.sends || class.library.calls() && sends(frame)
	}
	a.waitsFor(t)
	if a.place == nowhere && c.cutOff(t) {
		a.beCut(t)
	}
	if waits && a.place == nowhere {
		return activity{place: mailbox}
	}
	if waits && !yields(t.Frames) {
		a.place = mailbox
	}
	return a
}

// leastCut is as many frames as a stack has at least that is cut: where Flink writes fewer by its configuration, no stack says who called.
const leastCut = 20

// cutOff tells the thread of a task of which the outer frames are missing: every task is called by Flink. What is left is deep in something of the JDK or
// of the user's own, such as a regular expression or a sort.
func (c *classifier) cutOff(t *model.ThreadStack) bool {
	if t.Vertex < 0 || len(t.Frames) < leastCut {
		return false
	}
	for _, frame := range t.Frames {
		switch c.frame(frame).library.Kind {
		case jdkKind, languageKind, unknownKind:
		default:
			return false
		}
	}
	return true
}

// beCut takes a stack that is cut for work on an element: nothing of Flink's own goes that deep into the JDK.
func (a *activity) beCut(t *model.ThreadStack) {
	a.cut, a.place, a.kind = true, inElement, userKind
	if strings.HasPrefix(t.Name, legacySource) {
		a.place = inSource
	}
	if a.method == "" {
		a.method = shortFrame(t.Frames[len(t.Frames)-1])
	}
}

// inner is the place after one call deeper.
func (p place) inner(next place) place {
	if next == nowhere || p.lasting() && !next.lasting() {
		return p
	}
	return next
}

// lasting tells places that what happens inside them does not change: a flush before the barrier stays one although it hands elements on.
func (p place) lasting() bool {
	switch p {
	case nowhere, inElement, inTimer, inSource, inRestore:
		return false
	}
	return true
}

// yields tells a task that waits in the mailbox from within its own work.
func yields(frames []string) bool {
	for _, f := range frames {
		if strings.HasSuffix(f, "MailboxExecutorImpl.yield") {
			return true
		}
	}
	return false
}

// enter goes one call deeper.
func (a *activity) enter(frame string, l library) {
	switch l.Kind {
	case jdkKind, flinkKind, languageKind:
	case unknownKind:
		a.enterUnknown(frame)
	case filesystemKind, backendKind:
		a.enterStorage(l)
	case connectorKind:
		a.enterConnector(l)
	case sqlKind, userKind:
		if a.kind == unknownKind || a.kind == sqlKind && l.Kind == userKind {
			a.kind, a.library = l.Kind, l.Name
		}
	}
}

// enterUnknown: called by Flink it is the user's code; called by a file system it is that file system's implementation; called by
// anything else it is part of that.
func (a *activity) enterUnknown(frame string) {
	switch {
	case a.kind == unknownKind || a.kind == sqlKind || a.kind == userKind && a.method == "":
		a.kind, a.method = userKind, shortFrame(frame)
	case a.kind == filesystemKind && a.method == "":
		a.method = shortFrame(frame)
	}
}

func (a *activity) enterStorage(l library) {
	switch a.kind {
	case unknownKind, sqlKind, backendKind:
		a.kind, a.library = l.Kind, preferred(a.library, l)
	case filesystemKind:
		a.library = preferred(a.library, l)
	default:
		a.below = l.Name
	}
}

func (a *activity) enterConnector(l library) {
	switch a.kind {
	case unknownKind, sqlKind:
		a.kind, a.library = connectorKind, l.Name
	case filesystemKind, backendKind: // the HTTP client of an object store
	default:
		if l.Name != a.library {
			a.below = l.Name
		}
	}
}

// preferred keeps a name that says more than "the file system".
func preferred(old string, l library) string {
	if old == "" || strings.HasPrefix(old, "the ") {
		return l.Name
	}
	return old
}

// shortFrame is Class.method without its package.
func shortFrame(frame string) string {
	dot := strings.LastIndexByte(frame, '.')
	if dot < 0 {
		return bounded(frame, maxName)
	}
	return bounded(frame[strings.LastIndexByte(frame[:dot], '.')+1:], 2*maxName)
}

// names joins the library and what lies below it: JDBC (PostgreSQL).
func (a *activity) names() string {
	switch {
	case a.library == "":
		return a.below
	case a.below == "" || a.below == a.library:
		return a.library
	}
	return a.library + " (" + a.below + ")"
}

// sameStack tells whether two samples show a thread at the same spot: the same frames but for the JDK's innermost ones, which differ
// between one wait and the next.
func sameStack(a, b *model.ThreadStack) bool {
	x, y := skipJDK(a.Frames), skipJDK(b.Frames)
	if len(x) != len(y) || len(x) == 0 {
		return false
	}
	for i := range x {
		if x[i] != y[i] {
			return false
		}
	}
	return true
}

func skipJDK(frames []string) []string {
	for i, f := range frames {
		if !strings.HasPrefix(f, "java.") && !strings.HasPrefix(f, "jdk.") && !strings.HasPrefix(f, "sun.") {
			return frames[i:]
		}
	}
	return nil
}

package diagnose

import (
	"strings"
	"time"

	"checkpointhealth.dev/operator/controllers/model"
)

// threads says what the missing subtasks and the JobManager's own threads were doing while a checkpoint was pending.
type threads struct {
	// known is true where a thread dump was taken while a checkpoint was pending; at is the newest.
	known bool
	at    time.Time
	// samples is how many were compared, apart how far the last two lie apart.
	samples int
	apart   time.Duration
	// tasks are the threads of missing subtasks in the newest sample.
	tasks []taskThread
	// idle of them wait in the mailbox, buffers wait for network buffers, working do something of their own.
	idle, buffers, working int
	// uploads are threads of asynchronous parts that are writing, in any process that runs missing subtasks.
	uploads     int
	uploading   activity
	uploadStuck bool
	// io are the JobManager's io threads in the newest sample that has any; deletes, metadata and acks count what they do, over all samples
	// deleting samples had all of them or any in a delete.
	io, ioDelete, ioMetadata, ioIdle int
	ioSamples, deleteSamples         int
	deleting, finalizing             activity
	// coordinators are threads of operator coordinators that were seen; coordinator is one that works, coordinatorStuck if in both samples.
	coordinators     int
	coordinator      *activity
	coordinatorName  string
	coordinatorStuck bool
	// timer is true where the checkpoint timer is blocked on a monitor, and timerHolder who holds it.
	timerBlocked bool
	timerHolder  string
}

// taskThread is the thread of one missing subtask.
type taskThread struct {
	activity
	vertex, subtask int
	// stuck is true where the sample before shows it at the same spot.
	stuck bool
}

const (
	// maxThreads bounds the threads of a sample that are classified.
	maxThreads = 2000
	// maxSamples is how many of the newest samples are looked at.
	maxSamples = 3
)

// readThreads classifies the threads of the newest samples that were taken while a checkpoint was pending.
func readThreads(f *features, c *classifier) threads {
	t := threads{}
	samples := make([]*model.StackSample, 0, maxSamples)
	for i := len(f.s.Stacks) - 1; i >= 0 && len(samples) < maxSamples; i-- {
		if f.s.Stacks[i].PendingCheckpoint > 0 {
			samples = append(samples, &f.s.Stacks[i])
		}
	}
	if len(samples) == 0 {
		return t
	}
	t.known, t.at, t.samples = true, samples[0].At, len(samples)
	var before *model.StackSample
	if len(samples) > 1 {
		before = samples[1]
		t.apart = samples[0].At.Sub(before.At)
	}
	t.readTasks(f, c, samples[0], before)
	for i, sample := range samples {
		t.readJobManager(c, sample, before, i == 0)
	}
	return t
}

func (t *threads) readTasks(f *features, c *classifier, sample, before *model.StackSample) {
	earlier := byThread(before)
	for i := range sample.Threads[:min(len(sample.Threads), maxThreads)] {
		thread := &sample.Threads[i]
		if thread.Process == jobManagerProcess {
			continue
		}
		a := c.classify(thread)
		stuck := false
		if last := earlier[threadKey{thread.Process, thread.Name}]; last != nil {
			stuck = sameStack(thread, last)
		}
		if a.place == inUpload {
			t.addUpload(a, stuck)
			continue
		}
		if thread.Vertex < 0 || a.place == nowhere && a.kind == unknownKind {
			continue
		}
		if len(f.missing.now) > 0 && !f.missing.now[subtaskKey(thread.Vertex, thread.Subtask)] {
			continue
		}
		t.addTask(taskThread{activity: a, vertex: thread.Vertex, subtask: thread.Subtask, stuck: stuck})
	}
}

func (t *threads) addUpload(a activity, stuck bool) {
	if t.uploads == 0 || a.kind == filesystemKind && t.uploading.kind != filesystemKind {
		t.uploading = a
	}
	t.uploads++
	t.uploadStuck = t.uploadStuck || stuck
}

func (t *threads) addTask(task taskThread) {
	switch {
	case task.idle():
		t.idle++
	case task.place == inBuffers:
		t.buffers++
	default:
		t.working++
	}
	t.tasks = append(t.tasks, task)
}

// jobManagerProcess is what ThreadStack.Process says of the JobManager.
const jobManagerProcess = "jobmanager"

type threadKey struct{ process, name string }

func byThread(sample *model.StackSample) map[threadKey]*model.ThreadStack {
	if sample == nil {
		return nil
	}
	m := make(map[threadKey]*model.ThreadStack, len(sample.Threads))
	for i := range sample.Threads[:min(len(sample.Threads), maxThreads)] {
		m[threadKey{sample.Threads[i].Process, sample.Threads[i].Name}] = &sample.Threads[i]
	}
	return m
}

// readJobManager counts what the JobManager's threads do. The io threads' work changes from second to second, so all samples count; the
// newest one says how many there are.
func (t *threads) readJobManager(c *classifier, sample, before *model.StackSample, newest bool) {
	io, deletes := 0, 0
	for i := range sample.Threads[:min(len(sample.Threads), maxThreads)] {
		thread := &sample.Threads[i]
		if thread.Process != jobManagerProcess {
			continue
		}
		a := c.classify(thread)
		switch {
		case strings.HasPrefix(thread.Name, "jobmanager-io"):
			io++
			deletes += count(a.place == inDelete)
			t.addIO(a, newest)
		case strings.HasPrefix(thread.Name, "Checkpoint Timer"):
			if newest && a.blockedOn != "" {
				t.timerBlocked, t.timerHolder = true, a.holder
			}
		case newest && (a.place == inCoordinator || strings.HasPrefix(thread.Name, "SourceCoordinator-")):
			t.addCoordinator(a, thread, before)
		}
	}
	t.ioSamples += count(io > 0)
	t.deleteSamples += count(deletes > 0)
	if newest {
		t.io, t.ioDelete = io, deletes
	}
}

func (t *threads) addIO(a activity, newest bool) {
	switch a.place {
	case inDelete:
		if t.deleting.place == nowhere {
			t.deleting = a
		}
	case inMetadata, inStore:
		t.ioMetadata++
		t.finalizing = a
	default:
		if newest && a.idle() {
			t.ioIdle++
		}
	}
}

func (t *threads) addCoordinator(a activity, thread *model.ThreadStack, before *model.StackSample) {
	t.coordinators++
	if a.kind == unknownKind && a.place != inCoordinator && a.blockedOn == "" {
		return // waits for something to do
	}
	if t.coordinator != nil {
		return
	}
	t.coordinator, t.coordinatorName = &a, thread.Name
	if before == nil {
		return
	}
	for i := range before.Threads {
		b := &before.Threads[i]
		if b.Process == thread.Process && b.Name == thread.Name {
			t.coordinatorStuck = sameStack(thread, b)
		}
	}
}

// find counts the missing subtasks whose thread fits, and returns the first of them.
func (t *threads) find(fits func(*taskThread) bool) (n, stuck int, first *taskThread) {
	for i := range t.tasks {
		task := &t.tasks[i]
		if !fits(task) {
			continue
		}
		n++
		stuck += count(task.stuck)
		if first == nil {
			first = task
		}
	}
	return n, stuck, first
}

// busyIO tells whether all io threads of the newest sample are occupied with deletes.
func (t *threads) busyIO() bool { return t.io > 0 && t.ioDelete == t.io }

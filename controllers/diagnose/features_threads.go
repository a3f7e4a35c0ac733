package diagnose

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"checkpointhealth.dev/operator/controllers/model"
)

// threads says what the missing subtasks and the JobManager's own threads were doing while a checkpoint was pending.
type threads struct {
	// known is true where a thread dump was taken while a checkpoint was pending.
	known bool
	// tasks are the threads of missing subtasks in the newest sample.
	tasks []taskThread
	// idle of them wait in the mailbox, buffers wait for network buffers, working do something of their own, held are kept from their mailbox by it.
	idle, buffers, working, held int
	// uploads are threads of asynchronous parts that are writing, in any process that runs missing subtasks.
	uploads     int
	uploading   activity
	uploadStuck bool
	// pool is the JobManager's io pool, through which acknowledgements go; ioMetadata counts metadata writes of it over all samples. cluster is the pool
	// that deletes replaced checkpoints where high availability is on.
	pool, cluster deletePool
	ioMetadata    int
	deleting      activity
	// coordinators are threads of operator coordinators that were seen; coordinator is one that works, coordinatorStuck if in both samples.
	coordinators     int
	coordinator      *activity
	coordinatorName  string
	coordinatorStuck bool
	// timer is true where the checkpoint timer is blocked on a monitor, and timerHolder who holds it.
	timerBlocked bool
	timerHolder  string
	// age is how long the checkpoint of the newest sample that tells had been pending.
	age time.Duration
	// committed counts by vertex the checkpoints of this spell of which a dump shows a missing subtask in a commit.
	committed map[int]int
}

const (
	// maxThreads bounds the threads of a sample that are classified.
	maxThreads = 2000
	// maxSamples is how many of the newest samples are looked at.
	maxSamples = 3
)

// readThreads classifies the threads of the newest samples that were taken while a checkpoint was pending. The newest one may come just when what held
// up the others has ended, and they are on their way: then an earlier one tells, if it shows somebody who was held for sure. Where two show nobody, none
// of a checkpoint before does: any checkpoint flushes for a moment.
func readThreads(f *features, c *classifier) threads {
	t := threads{}
	all := newestSamples(f.s.Stacks, func(*model.StackSample) bool { return true })
	for i, sample := range all {
		t.readJobManager(c, sample, nth(all, 1), i == 0)
	}
	t.committed = committedIn(f, c)
	pending := f.pendingSamples()
	var later []taskThread
	for i, sample := range pending {
		if i > 1 && sample.PendingCheckpoint != pending[0].PendingCheckpoint {
			break // two later dumps show nobody held in another checkpoint
		}
		shown := threads{coordinators: t.coordinators, coordinator: t.coordinator}
		shown.readTasks(f, c, sample, shortlyBefore(f, sample, nth(pending, i+1)), later)
		later = shown.tasks
		if held, _, _ := shown.find(heldForSure); i > 0 && held == 0 {
			continue
		}
		t.known, t.tasks, t.age = true, shown.tasks, sample.PendingFor
		t.idle, t.buffers, t.working, t.held = shown.idle, shown.buffers, shown.working, shown.held
		t.uploads, t.uploading, t.uploadStuck = shown.uploads, shown.uploading, shown.uploadStuck
		if t.held > 0 || t.uploads > 0 || t.buffers > 0 {
			break
		}
	}
	return t
}

// pendingSamples are the newest samples that were taken while a checkpoint was pending: those that show somebody missing, else those that show tasks.
func (f *features) pendingSamples() []*model.StackSample {
	for _, fits := range []func(*model.StackSample) bool{
		func(s *model.StackSample) bool { return showsTasks(s) && f.showsMissing(s) },
		showsTasks,
		func(s *model.StackSample) bool { return s.PendingCheckpoint > 0 },
	} {
		if found := newestSamples(f.s.Stacks, fits); len(found) > 0 {
			return found
		}
	}
	return nil
}

func heldForSure(t *taskThread) bool { return t.held() && t.sure() }

// showsTasks tells a sample that was taken while a checkpoint was pending and that shows tasks. Where an expiry restarts the job it may come a moment
// too late: the tasks are gone, and what the others wait for with them.
func showsTasks(s *model.StackSample) bool {
	return s.PendingCheckpoint > 0 && slices.ContainsFunc(s.Threads, func(t model.ThreadStack) bool { return t.Vertex >= 0 })
}

// showsMissing tells a sample in which somebody had not acknowledged at that moment. Where all had, what they do says nothing of who was late.
func (f *features) showsMissing(s *model.StackSample) bool {
	missing := f.missingAt(s)
	for i := range s.Threads {
		if missing(&s.Threads[i]) {
			return true
		}
	}
	return false
}

// committedIn looks through all dumps of the spell for missing subtasks in a commit. It may be over in the newest one, and hold up each checkpoint all the same.
func committedIn(f *features, c *classifier) map[int]int {
	found, last := map[int]int{}, map[int]int64{}
	for i := range f.s.Stacks {
		sample := &f.s.Stacks[i]
		missing := f.missingAt(sample)
		for j := range sample.Threads[:min(len(sample.Threads), maxThreads)] {
			thread := &sample.Threads[j]
			if thread.Vertex >= 0 && sample.PendingCheckpoint > 0 && missing(thread) {
				if a := c.classify(thread); a.place == inCommit && last[thread.Vertex] != sample.PendingCheckpoint {
					found[thread.Vertex]++
					last[thread.Vertex] = sample.PendingCheckpoint
				}
			}
		}
	}
	return found
}

// newestSamples are the newest that fit, the newest first. What tasks do says something only while a checkpoint was pending; what the
// JobManager's io threads do says something at any time.
func newestSamples(all []model.StackSample, fits func(*model.StackSample) bool) []*model.StackSample {
	samples := make([]*model.StackSample, 0, maxSamples)
	for i := len(all) - 1; i >= 0 && len(samples) < maxSamples; i-- {
		if fits(&all[i]) {
			samples = append(samples, &all[i])
		}
	}
	return samples
}

// shortly is how far two dumps may lie apart to be compared: looks in a row, three minutes apart, and a little.
const shortly = 5 * time.Minute

// shortlyBefore is a sample that shows the same work as the next: of the same checkpoint, or taken shortly before. Where dumps are an hour apart the
// same spot is another call.
func shortlyBefore(f *features, sample, before *model.StackSample) *model.StackSample {
	if before == nil || before.PendingCheckpoint != sample.PendingCheckpoint && sample.At.Sub(before.At) > max(f.w.timeout, shortly) {
		return nil
	}
	return before
}

func nth(samples []*model.StackSample, n int) *model.StackSample {
	if n >= len(samples) {
		return nil
	}
	return samples[n]
}

func (t *threads) readTasks(f *features, c *classifier, sample, before *model.StackSample, later []taskThread) {
	look := dumpPair{f: f, c: c, sample: sample, earlier: byThread(before), later: later}
	locks := holders(sample)
	missing := f.missingAt(sample)
	for i := range sample.Threads[:min(len(sample.Threads), maxThreads)] {
		thread := &sample.Threads[i]
		if thread.Process == model.JobManagerProcess || strings.HasPrefix(thread.Name, legacySource) && !locks[threadKey{thread.Process, thread.Name}] {
			continue // a legacy source that reads without holding the checkpoint lock keeps nobody
		}
		a := look.activityOf(thread)
		switch {
		case a.place == inUpload:
			// In a dump of another checkpoint it is another upload, and any of them is at that spot for a moment.
			t.addUpload(a, look.stuck(thread) && before.PendingCheckpoint == sample.PendingCheckpoint)
		case missing(thread) && (!a.idle() || a.place == mailbox):
			t.addTask(look.taskOf(t, thread, a))
		}
	}
}

// dumpPair is a dump and the one shortly before it, by thread.
type dumpPair struct {
	f       *features
	c       *classifier
	sample  *model.StackSample
	earlier threadIndex
	later   []taskThread
}

// activityOf is what a thread does. Where its callers are not shown it is where its subtask is known to stay.
func (d *dumpPair) activityOf(thread *model.ThreadStack) activity {
	a := d.c.classify(thread)
	if a.cut && a.place == inElement && !d.f.sentBarrier(d.sample, thread) &&
		(d.f.syncLong(thread.Vertex, thread.Subtask) || d.f.stoppedInSnapshot(d.sample, thread.Vertex, thread.Subtask)) {
		a.place = inSnapshot
	}
	return a
}

// stuck tells whether a thread is at the same spot in both dumps.
func (d *dumpPair) stuck(thread *model.ThreadStack) bool {
	last := d.earlier.find(thread)
	return last != nil && sameStack(thread, last)
}

func (d *dumpPair) taskOf(t *threads, thread *model.ThreadStack, a activity) taskThread {
	f, last := d.f, d.earlier.find(thread)
	task := taskThread{activity: a, vertex: thread.Vertex, subtask: thread.Subtask, stuck: d.stuck(thread), pace: f.paceOf(thread.Vertex, thread.Subtask)}
	task.moved = movedOn(task.stuck, last, d.later, thread)
	task.sent, task.told = f.sentBarrier(d.sample, thread), t.told(f, d.sample, thread)
	task.pace.one = task.pace.one && !f.syncLong(thread.Vertex, thread.Subtask) // while it was in its snapshot nothing passed
	task.locked = f.holdsLock(thread)
	return task
}

func (t *threads) addUpload(a activity, stuck bool) {
	if t.uploads == 0 || a.kind == filesystemKind && t.uploading.kind != filesystemKind {
		t.uploading = a
	}
	t.uploads++
	t.uploadStuck = t.uploadStuck || stuck
}

// addTask adds the thread of a missing subtask. A task with a legacy source has two: the one that waits for the lock says less than the one
// that holds it.
func (t *threads) addTask(task taskThread) {
	for i := range t.tasks {
		other := &t.tasks[i]
		if other.vertex == task.vertex && other.subtask == task.subtask {
			if other.kind == unknownKind {
				t.tally(other, -1)
				*other = task
				t.tally(other, 1)
			}
			return
		}
	}
	t.tasks = append(t.tasks, task)
	t.tally(&task, 1)
}

func (t *threads) tally(task *taskThread, n int) {
	switch {
	case task.idle():
		t.idle += n
	case task.place == inBuffers:
		t.buffers += n
	default:
		t.working += n
		t.held += n * count(task.held())
	}
}

// legacySource begins the name of the thread in which a source of the old kind runs; it emits under the checkpoint lock, and the task's
// own thread waits for that lock to take a snapshot.
const legacySource = "Legacy Source Thread"

// holders are the threads that hold a monitor for which another one waits.
func holders(sample *model.StackSample) map[threadKey]bool {
	held := map[threadKey]bool{}
	for i := range sample.Threads[:min(len(sample.Threads), maxThreads)] {
		if t := &sample.Threads[i]; t.Holder != "" {
			held[threadKey{t.Process, t.Holder}] = true
		}
	}
	return held
}

// readJobManager counts what the JobManager's threads do. The io threads' work changes from second to second, so all samples count; the
// newest one says how many there are.
func (t *threads) readJobManager(c *classifier, sample, before *model.StackSample, newest bool) {
	io, cluster := poolSample{}, poolSample{}
	for i := range sample.Threads[:min(len(sample.Threads), maxThreads)] {
		thread := &sample.Threads[i]
		if thread.Process != model.JobManagerProcess {
			continue
		}
		a := c.classify(thread)
		switch {
		case strings.HasPrefix(thread.Name, "jobmanager-io"):
			io.add(a)
			t.addIO(a)
		case strings.HasPrefix(thread.Name, "cluster-io"):
			cluster.add(a)
			t.noteDelete(a)
		case strings.HasPrefix(thread.Name, "Checkpoint Timer"):
			if newest && a.blockedOn != "" {
				t.timerBlocked, t.timerHolder = true, a.holder
			}
		case newest && (a.place == inCoordinator || strings.HasPrefix(thread.Name, "SourceCoordinator-")):
			t.addCoordinator(a, thread, before)
		}
	}
	t.pool.take(io, newest)
	t.cluster.take(cluster, newest)
}

// deletePool is a pool of the JobManager: its threads in the newest sample and those of them in a delete. Of samples with threads of it deleted showed
// a delete.
type deletePool struct{ threads, deletes, samples, deleted int }

// poolSample is a pool in one sample.
type poolSample struct{ threads, deletes int }

func (p *poolSample) add(a activity) {
	p.threads++
	p.deletes += count(a.place == inDelete)
}

func (p *deletePool) take(s poolSample, newest bool) {
	p.samples += count(s.threads > 0)
	p.deleted += count(s.deletes > 0)
	if newest {
		p.threads, p.deletes = s.threads, s.deletes
	}
}

// hold tells whether deletes occupy the pool: they are in most samples, or in all of its threads. One delete in one dump is everyday work.
func (p *deletePool) hold() bool {
	return p.deleted > 0 && (p.threads > 0 && p.deletes == p.threads || p.samples > 1 && 3*p.deleted >= 2*p.samples)
}

func (p *deletePool) text(a *activity) string {
	text := fmt.Sprintf("%d of %d in a delete, in %d of %d dumps", p.deletes, p.threads, p.deleted, p.samples)
	if name := a.library; name != "" && name != "the file system" {
		text += " (" + name + ")"
	}
	return text
}

func (t *threads) addIO(a activity) {
	t.noteDelete(a)
	t.ioMetadata += count(a.place == inMetadata || a.place == inStore)
}

// noteDelete keeps the first delete that is seen.
func (t *threads) noteDelete(a activity) {
	if a.place == inDelete && t.deleting.place == nowhere {
		t.deleting = a
	}
}

func (t *threads) addCoordinator(a activity, thread *model.ThreadStack, before *model.StackSample) {
	t.coordinators++
	if a.kind == unknownKind && a.place != inCoordinator && a.place != inCommit && a.blockedOn == "" {
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

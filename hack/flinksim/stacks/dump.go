package stacks

import (
	"fmt"
	"strconv"
)

// Doing is what a task's main thread is found in.
type Doing int

// What a task may be found in.
const (
	Waiting      Doing = iota // in the mailbox
	Flushing                  // before the barrier
	Snapshotting              // in the synchronous part
	Committing                // in the notification of a completed checkpoint
	HeldSource                // in a source that does not come back
	HeldUser                  // in one call of a user function
	SlowSink                  // in a sink that works off a record
)

// Task is one subtask on a TaskManager.
type Task struct {
	Name               string // of the vertex
	Index, Parallelism int
	Attempt            int
	Doing              Doing
	Uploading          bool
}

// IO is what an io thread of the JobManager is found in.
type IO int

// What an io thread may be found in.
const (
	IOIdle IO = iota
	IODeletesCompleted
	IODeletesPending
	IODeletesShared
	IOWritesMetadata
	IOProcessesAck
)

// JobManager describes what the JobManager's threads do.
type JobManager struct {
	IO              []IO   // of the pool jobmanager-io
	Cluster         []IO   // of cluster-io
	Source          string // name of the source vertex
	CoordinatorBusy bool
}

// Threads is the thread dump of a JobManager.
func (j JobManager) Threads(f Flavor) []Thread {
	d := dump{}
	d.jvm("org.apache.flink.runtime.entrypoint.ClusterEntrypoint.runClusterEntrypoint(ClusterEntrypoint.java:737)")
	for i, io := range j.Cluster {
		d.ioThread(f, fmt.Sprintf("cluster-io-thread-%d", i+1), io)
	}
	d.idlePool("jobmanager-future-thread-1", true)
	for i, io := range j.IO {
		d.ioThread(f, fmt.Sprintf("jobmanager-io-thread-%d", i+1), io)
	}
	d.coordinator(f, "SourceCoordinator-"+j.Source, j.CoordinatorBusy)
	d.idlePool("Checkpoint Timer", true)
	d.idlePool("jobmanager_2-main-scheduler-thread-1", true)
	return d.threads
}

// TaskManagerThreads is the thread dump of a TaskManager.
func TaskManagerThreads(f Flavor, tasks []Task) []Thread {
	d := dump{}
	d.jvm("org.apache.flink.runtime.taskexecutor.TaskManagerRunner.runTaskManager(TaskManagerRunner.java:499)")
	d.idlePool("taskmanager_0-main-scheduler-thread-1", true)
	for _, t := range tasks {
		d.task(f, t)
	}
	for _, t := range tasks {
		d.async(f, t)
	}
	return d.threads
}

// dump collects threads and gives them ids.
type dump struct{ threads []Thread }

func (d *dump) add(t Thread) int {
	t.ID = 60 + len(d.threads)
	d.threads = append(d.threads, t)
	return t.ID
}

// object is a class@hash that differs from thread to thread.
func (d *dump) object(class string) string {
	return class + "@" + strconv.FormatUint(uint64(len(d.threads)+7)*2654435761%0x7fffffff, 16)
}

const condition = "java.util.concurrent.locks.AbstractQueuedSynchronizer$ConditionObject"

// jvm adds the threads that every JVM of Flink has.
func (d *dump) jvm(mainFrame string) {
	d.add(Thread{Name: "main", State: "WAITING", Lock: d.object("java.util.concurrent.CompletableFuture$Signaller"), Frames: joined(frames(`
		java/jdk.internal.misc.Unsafe.park(Native Method)
		java/java.util.concurrent.locks.LockSupport.park(LockSupport.java:211)
		java/java.util.concurrent.CompletableFuture.get(CompletableFuture.java:2072)`), frames("app//"+mainFrame))})
	d.add(Thread{Name: "Reference Handler", State: "RUNNABLE", Frames: frames(`
		java/java.lang.ref.Reference.waitForReferencePendingList(Native Method)
		java/java.lang.ref.Reference.processPendingReferences(Reference.java:253)
		java/java.lang.ref.Reference$ReferenceHandler.run(Reference.java:215)`)})
	for i, name := range []string{"flink-pekko.actor.default-dispatcher-4", "flink-pekko.remote.default-remote-dispatcher-6", "flink-metrics-pekko.remote.default-remote-dispatcher-9"} {
		d.add(Thread{Name: name, State: "WAITING", Lock: d.object("org.apache.pekko.dispatch.PekkoJdk9ForkJoinPool"), Frames: frames(fmt.Sprintf(`
			java/jdk.internal.misc.Unsafe.park(Native Method)
			java/java.util.concurrent.locks.LockSupport.park(LockSupport.java:%d)
			java/java.util.concurrent.ForkJoinPool.awaitWork(ForkJoinPool.java:1724)
			java/java.util.concurrent.ForkJoinWorkerThread.run(ForkJoinWorkerThread.java:165)`, 341-i))})
	}
	d.idlePool("Flink-Metric-View-Updater-thread-1", true)
}

// idlePool adds a pool thread that waits for work; scheduled pools wait with a limit.
func (d *dump) idlePool(name string, scheduled bool) {
	if scheduled {
		d.add(Thread{Name: name, State: "TIMED_WAITING", Lock: d.object(condition), Frames: joined(parkedTimed, delayQueueTake, poolIdle)})
		return
	}
	d.add(Thread{Name: name, State: "WAITING", Lock: d.object(condition), Frames: joined(parked, queueTake, poolIdle)})
}

func (d *dump) worker() []string {
	return []string{d.object("java.util.concurrent.ThreadPoolExecutor$Worker")}
}

func (d *dump) ioThread(f Flavor, name string, io IO) {
	busy := Thread{Name: name, State: "RUNNABLE", InNative: true, Holds: d.worker()}
	switch io {
	case IODeletesCompleted:
		busy.Frames = joined(f.Delete, discardCompleted, poolWork)
	case IODeletesPending:
		busy.Frames = joined(f.Delete, discardPending, poolWork)
	case IODeletesShared:
		busy.Frames = joined(f.Delete, discardShared, poolWork)
	case IOWritesMetadata:
		busy.Frames = joined(f.Upload, writeMetadata, poolWork)
	case IOProcessesAck:
		busy.InNative = false
		busy.Frames = joined(processAck, poolWork)
	default:
		d.idlePool(name, false)
		return
	}
	d.add(busy)
}

func (d *dump) coordinator(f Flavor, name string, busy bool) {
	if !busy {
		d.add(Thread{Name: name, State: "WAITING", Lock: d.object(condition), Frames: joined(parked,
			frames(`java/java.util.concurrent.ScheduledThreadPoolExecutor$DelayedWorkQueue.take(ScheduledThreadPoolExecutor.java:1170)`), poolIdle)})
		return
	}
	d.add(Thread{Name: name, State: "RUNNABLE", InNative: true, Holds: d.worker(), Frames: joined(f.Enumerator, coordinatorWork, poolWork)})
}

// task adds a subtask's main thread, and the thread that holds its lock where the source is a legacy one.
func (d *dump) task(f Flavor, t Task) {
	name := fmt.Sprintf("%s (%d/%d)#%d", t.Name, t.Index+1, t.Parallelism, t.Attempt)
	thread := Thread{Name: name, State: "RUNNABLE", InNative: true}
	switch t.Doing {
	case Flushing:
		thread.Frames = joined(f.Flush, beforeBarrier, gotBarrier, readsInput, taskRun)
	case Snapshotting:
		thread.InNative = f.InNative
		thread.Frames = joined(f.Snapshot, syncPart, gotBarrier, readsInput, taskRun)
	case Committing:
		thread.Frames = joined(f.Commit, notified, runsMail, taskRun)
	case HeldUser:
		thread.Frames = joined(f.User, gotElement, readsInput, taskRun)
	case SlowSink:
		thread.Frames = joined(f.SlowSink, gotElement, readsInput, taskRun)
	case HeldSource:
		d.heldSource(f, thread)
		return
	default:
		thread.State, thread.InNative, thread.Lock = "TIMED_WAITING", false, d.object(condition)
		thread.Frames = joined(mailboxWait, taskRun)
	}
	d.add(thread)
}

// heldSource adds a source that does not come back: a legacy source's own thread holds the checkpoint lock and the task's
// thread is blocked on it; a newer source is in the task's thread itself.
func (d *dump) heldSource(f Flavor, task Thread) {
	if !f.Legacy {
		task.Frames = joined(f.Source, frames(`
			flink/streaming.api.operators.SourceOperator.emitNext(SourceOperator.java:443)
			flink/streaming.runtime.io.StreamTaskSourceInput.emitNext(StreamTaskSourceInput.java:68)`), readsInput, taskRun)
		d.add(task)
		return
	}
	lock := d.object("java.lang.Object")
	legacy := "Legacy Source Thread - " + task.Name
	id := d.add(Thread{Name: legacy, State: "RUNNABLE", InNative: true, Frames: joined(f.Source, []string{"- " + lock}, frames(`
		com.ververica.cdc.debezium.DebeziumSourceFunction.run(DebeziumSourceFunction.java:446)
		flink/streaming.api.operators.StreamSource.run(StreamSource.java:113)
		flink/streaming.api.operators.StreamSource.run(StreamSource.java:71)
		flink/streaming.runtime.tasks.SourceStreamTask$LegacySourceFunctionThread.run(SourceStreamTask.java:338)`))})
	task.State, task.InNative, task.Lock, task.Owner, task.OwnerID = "BLOCKED", false, lock, legacy, id
	task.Frames = joined(frames(`
		flink/streaming.runtime.tasks.StreamTaskActionExecutor$SynchronizedStreamTaskActionExecutor.runThrowing(StreamTaskActionExecutor.java:92)`),
		runsMail, taskRun)
	d.add(task)
}

// async adds the thread of a subtask's asynchronous parts.
func (d *dump) async(f Flavor, t Task) {
	thread := Thread{Name: "AsyncOperations-thread-1", State: "TIMED_WAITING", Lock: d.object(condition), Frames: joined(parkedTimed, queuePoll, poolIdle)}
	if t.Uploading {
		thread = Thread{Name: thread.Name, State: "RUNNABLE", InNative: true, Holds: d.worker(), Frames: joined(f.Upload, f.Write, asyncPart, poolWork)}
	}
	d.add(thread)
}

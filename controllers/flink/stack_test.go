package flink

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func find(t *testing.T, threads []Thread, name string) Thread {
	t.Helper()
	for _, thread := range threads {
		if thread.Name == name {
			return thread
		}
	}
	t.Fatalf("no thread %q", name)
	return Thread{}
}

func TestBlockedThread(t *testing.T) {
	threads := decoded(t, "1.20.5", "thread-dump-blocked", decodeThreads)
	timer := find(t, threads, "Checkpoint Timer")
	want := Thread{
		Name: "Checkpoint Timer", State: "BLOCKED", WaitsFor: "java.lang.Object@cf4febf", Owner: "jobmanager-io-thread-2",
		Frames: []string{
			"org.apache.flink.runtime.checkpoint.CheckpointCoordinator$ScheduledTrigger.run",
			"org.apache.flink.util.MdcUtils.lambda$wrapRunnable$1",
			"org.apache.flink.util.MdcUtils$$Lambda.run",
			"java.util.concurrent.Executors$RunnableAdapter.call",
			"java.util.concurrent.FutureTask.run",
			"java.util.concurrent.ScheduledThreadPoolExecutor$ScheduledFutureTask.run",
			"java.util.concurrent.ThreadPoolExecutor.runWorker",
			"java.util.concurrent.ThreadPoolExecutor$Worker.run",
			"java.lang.Thread.run",
		},
	}
	if diff := cmp.Diff(want, timer); diff != "" {
		t.Errorf("thread (-want +got):\n%s", diff)
	}
	owner := find(t, threads, timer.Owner)
	if owner.State != "RUNNABLE" || !slices.Contains(owner.Holds, timer.WaitsFor) {
		t.Errorf("owner = %s holding %v, want RUNNABLE holding %s", owner.State, owner.Holds, timer.WaitsFor)
	}
}

func TestTaskThreads(t *testing.T) {
	for _, version := range versions {
		threads := decoded(t, version, "thread-dump", decodeThreads)
		task := find(t, threads, "state (1/2)#0")
		if task.State != "TIMED_WAITING" && task.State != "WAITING" || !slices.Contains(task.Frames, "org.apache.flink.streaming.runtime.tasks.mailbox.TaskMailboxImpl.take") {
			t.Errorf("%s: task = %s in %v, want waiting in its mailbox", version, task.State, task.Frames)
		}
		for _, thread := range threads {
			for _, frame := range thread.Frames {
				if strings.ContainsAny(frame, "()/@ ") || !strings.Contains(frame, ".") {
					t.Errorf("%s: frame %q of %s is not class.method", version, frame, thread.Name)
				}
			}
			if len(thread.Frames) == 0 || thread.State == "" {
				t.Errorf("%s: thread %q has %d frames and state %q", version, thread.Name, len(thread.Frames), thread.State)
			}
		}
	}
}

func TestFrame(t *testing.T) {
	for in, want := range map[string]string{
		"java.base@17.0.15/java.lang.Thread.run(Thread.java:840)":                      "java.lang.Thread.run",
		"app//org.apache.flink.A.b(A.java:1)":                                          "org.apache.flink.A.b",
		"app//a.B$$Lambda$991/0x00007f777c6b9548.run(Unknown Source)":                  "a.B$$Lambda.run",
		"a.B$$Lambda/0x00007f777c6b9548.run(Unknown Source)":                           "a.B$$Lambda.run",
		"a.B$$Lambda$12/1234567.accept(Unknown Source)":                                "a.B$$Lambda.accept",
		"jdk.proxy3/jdk.proxy3.$Proxy34.confirmCheckpoint(Unknown Source)":             "jdk.proxy3.$Proxy34.confirmCheckpoint",
		"org.rocksdb.RocksDB.get(Native Method)":                                       "org.rocksdb.RocksDB.get",
		"app//lab.FaultJob$StateFunction.<init>(FaultJob.java:3)":                      "lab.FaultJob$StateFunction.<init>",
		"deployment.a.jar//com.acme.Enrich.map(Enrich.java:4)":                         "com.acme.Enrich.map",
		"java.io.FileOutputStream.writeBytes(java.base@17.0.15/FileOutputStream.java)": "java.io.FileOutputStream.writeBytes",
	} {
		if got := frame(in); got != want {
			t.Errorf("frame(%q) = %q, want %q", in, got, want)
		}
	}
}

// JDKs write more into the first line than Flink does.
func TestHeadOfThread(t *testing.T) {
	for head, want := range map[string]Thread{
		`"x" Id=5 RUNNABLE (in native)`:                            {State: "RUNNABLE", InNative: true},
		`"x" daemon prio=5 Id=5 TIMED_WAITING on a.B@1f`:           {State: "TIMED_WAITING", WaitsFor: "a.B@1f"},
		`"x" Id=5 BLOCKED on a.B@1f owned by "say "hi" Id=2" Id=7`: {State: "BLOCKED", WaitsFor: "a.B@1f", Owner: `say "hi" Id=2`},
		`"x" Id=5 WAITING on a.B@1f (suspended)`:                   {State: "WAITING", WaitsFor: "a.B@1f"},
		`"another name" Id=5 RUNNABLE`:                             {State: "RUNNABLE"},
		`nothing of the kind`:                                      {},
		`"x" Id=5 BLOCKED on a.B@1f owned by "cut off`:             {State: "BLOCKED", WaitsFor: "a.B@1f"},
		`"x" Id=9 NEW`:                {State: "NEW"},
		"\"x\" Id=9 RUN\x1b[31mNABLE": {State: "RUN [31mNABLE"},
	} {
		want.Name, want.Frames = "x", []string{}
		if diff := cmp.Diff(want, parseThread("x", head)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", head, diff)
		}
	}
}

func TestCutStack(t *testing.T) {
	got := parseThread("x", "\"x\" Id=1 RUNNABLE\n\tat a.B.c(B.java:1)\n\t...\n\n")
	if !got.Cut || len(got.Frames) != 1 {
		t.Errorf("thread = %+v, want one frame and Cut", got)
	}
	deep := parseThread("x", "\"x\" Id=1 RUNNABLE\n"+strings.Repeat("\tat a.B.c(B.java:1)\n", maxFrames+10))
	if !deep.Cut || len(deep.Frames) != maxFrames {
		t.Errorf("%d frames, cut %v; want %d and cut", len(deep.Frames), deep.Cut, maxFrames)
	}
}

package stacks

import (
	"regexp"
	"strings"
	"testing"
)

// lines are the forms that a line of a recorded dump has (Flink 1.17.2, 1.20.5 and 2.2.1 on JDK 17).
var lines = []*regexp.Regexp{
	regexp.MustCompile(`^"[^"]+" Id=\d+ (RUNNABLE|BLOCKED|WAITING|TIMED_WAITING)( on [\w.$]+@[0-9a-f]+)?( owned by "[^"]+" Id=\d+)?( \(in native\))?$`),
	regexp.MustCompile(`^\tat ([\w.@]+//?)?[\w.$<>]+\((Native Method|Unknown Source|[\w$]+\.(java|kt):\d+)\)$`),
	regexp.MustCompile(`^\t- {2}(waiting on|blocked on|locked) [\w.$]+@[0-9a-f]+$`),
	regexp.MustCompile(`^\tNumber of locked synchronizers = \d+$`),
	regexp.MustCompile(`^\t- [\w.$]+@[0-9a-f]+$`),
	regexp.MustCompile(`^$`),
}

func everyFlavor() map[string]Flavor {
	return map[string]Flavor{
		"plain": Plain(), "s3": S3(), "rocksdb": RocksDB(S3()), "elasticsearch": Elasticsearch(), "kafka": KafkaSink(), "lookup": BlockingLookup(),
		"throwing": ThrowingSnapshot(), "jdbc": JDBC(), "legacy": LegacyCDC(), "committer": TableCommitter(), "enumerator": FileEnumerator(),
	}
}

func everyTask() []Task {
	var tasks []Task
	for doing := Waiting; doing <= SlowSink; doing++ {
		tasks = append(tasks, Task{Name: "Source: orders", Index: 0, Parallelism: 2, Doing: doing, Uploading: doing == Waiting})
	}
	return tasks
}

func TestEveryLineHasTheFormOfARecordedOne(t *testing.T) {
	for name, f := range everyFlavor() {
		threads := TaskManagerThreads(f, everyTask())
		jm := JobManager{Source: "Source: orders", CoordinatorBusy: true, IO: []IO{IOIdle, IODeletesCompleted, IODeletesPending, IOWritesMetadata, IOProcessesAck}}
		threads = append(threads, jm.Threads(f)...)
		for _, thread := range threads {
			text := thread.Stringified()
			if !strings.HasSuffix(text, "\n\n") {
				t.Errorf("%s: %q does not end with an empty line", name, thread.Name)
			}
			for line := range strings.SplitSeq(text, "\n") {
				if !anyMatches(line) {
					t.Errorf("%s: %s: line %q has no form of a recorded dump", name, thread.Name, line)
				}
			}
		}
	}
}

func anyMatches(line string) bool {
	for _, form := range lines {
		if form.MatchString(line) {
			return true
		}
	}
	return false
}

func TestALegacySourceHoldsTheLockThatItsTaskWants(t *testing.T) {
	threads := TaskManagerThreads(LegacyCDC(), []Task{{Name: "Source: customers", Parallelism: 1, Doing: HeldSource}})
	var holder, waiter Thread
	for _, thread := range threads {
		switch {
		case strings.HasPrefix(thread.Name, "Legacy Source Thread"):
			holder = thread
		case strings.HasPrefix(thread.Name, "Source: customers"):
			waiter = thread
		}
	}
	if waiter.State != "BLOCKED" || waiter.Owner != holder.Name || waiter.OwnerID != holder.ID {
		t.Errorf("the task is %s, owned by %q (%d); the holder is %q (%d)", waiter.State, waiter.Owner, waiter.OwnerID, holder.Name, holder.ID)
	}
	if !strings.Contains(holder.Stringified(), "\t-  locked "+waiter.Lock+"\n") {
		t.Errorf("the holder does not show the lock %s", waiter.Lock)
	}
}

func TestWhatATaskDoesShowsInItsStack(t *testing.T) {
	for doing, want := range map[Doing]string{
		Waiting: "TaskMailboxImpl.take", Flushing: "prepareSnapshotPreBarrier", Snapshotting: "takeSnapshotSync", Committing: "notifyCheckpointComplete", SlowSink: "processElement",
	} {
		f := JDBC()
		f.Commit, f.SlowSink = TableCommitter().Commit, KafkaSink().SlowSink
		for _, thread := range TaskManagerThreads(f, []Task{{Name: "sink", Parallelism: 1, Doing: doing}}) {
			if thread.Name == "sink (1/1)#0" && !strings.Contains(thread.Stringified(), want) {
				t.Errorf("a task that does %d has no %s in %s", doing, want, thread.Stringified())
			}
		}
	}
}

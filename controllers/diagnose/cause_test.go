package diagnose

import (
	"strings"
	"testing"
	"time"

	api "checkpointhealth.dev/operator/api/v1alpha1"
	"checkpointhealth.dev/operator/controllers/model"
)

// causeCase is a job whose first cause must be the one named. says is part of its summary.
type causeCase struct {
	name  string
	cause api.Cause
	sub   api.SubCause
	says  string
	make  func(n int) *model.Snapshot
}

// expiredThrice is a job of which three checkpoints expired in the same way, behind a quick one.
func expiredThrice(n int, each shares) *model.Snapshot {
	one := func() model.Checkpoint { return detailed(expired(), n, each) }
	return add(jobOf(n), one(), one(), one(), detailed(completed(20*time.Second), n, shares{all(quick), all(quick), all(quick)}))
}

func absentAll(int) model.SubtaskLedger { return absentEntry() }

// absentFirst leaves out the first subtask.
func absentFirst(i int) model.SubtaskLedger {
	if i == 0 {
		return absentEntry()
	}
	return quick
}

func uploadThread(i int) model.ThreadStack {
	return model.ThreadStack{Process: []string{"tm-1", "tm-2"}[i%2], Name: "AsyncOperations-thread-1", State: "TIMED_WAITING", Vertex: -1, Subtask: -1,
		Frames: append([]string{"java.lang.Thread.sleep", "net.vendor.Stream.write"}, asyncFrames...)}
}

func idleThread(v, i int) model.ThreadStack {
	return model.ThreadStack{Process: []string{"tm-1", "tm-2"}[i%2], Name: "task", State: "TIMED_WAITING", Vertex: v, Subtask: i, Frames: append(append([]string{}, mailboxFrames...), taskFrames...)}
}

func idleThreads(v, n int) []model.ThreadStack {
	var all []model.ThreadStack
	for i := range n {
		all = append(all, idleThread(v, i))
	}
	return all
}

const mib = 1 << 20

var causeCases = []causeCase{
	{"acknowledgements on the way", api.CauseNetworkLatency, "", "acknowledgements are processed up to 11m", lateAcknowledgements},
	{"acknowledgements on a lossy way", api.CauseNetworkLatency, "", "acknowledgements are processed up to 11m", func(n int) *model.Snapshot {
		return probedAs(lateAcknowledgements(n), lossyProbe())
	}},
	{"data between TaskManagers on the way", api.CauseNetworkLatency, "", "the network between TaskManagers", func(n int) *model.Snapshot {
		s := expiredThrice(n, shares{all(quick), all(entry(mib, 200, 300, 0, 0.2, 0.1)), absentAll})
		press(s, source, 0.98, 0.01)
		press(s, state, 0.9, 0.02)
		return s
	}},
	{"triggers on the way", api.CauseNetworkLatency, "", "messages between JobManager and TaskManagers", func(n int) *model.Snapshot {
		late := all(entry(mib, 650, 0, 0.1, 0.2, 0.1))
		s := expiredThrice(n, shares{late, late, late})
		dumps(s, append(idleThreads(source, n), jobManagerThread("jobmanager-io-thread-1", poolFrames...))...)
		return s
	}},
	{"JobManager without CPU", api.CauseJobManagerOverload, api.SubCauseCPU, "uses 97% of its 1 cores", func(n int) *model.Snapshot {
		late := all(entry(mib, 300, 0, 0.1, 0.2, 200))
		s := expiredThrice(n, shares{late, late, absentAll})
		for i := range s.Checkpoints.History[:3] {
			s.Checkpoints.History[i].Duration += 90 * time.Second
		}
		s.JobManager.CPUUsage = model.Measured(0.97)
		return s
	}},
	{"JobManager at risk without CPU", api.CauseJobManagerOverload, api.SubCauseCPU, "", func(n int) *model.Snapshot {
		s := add(jobOf(n), times(4, completed(time.Second))...)
		s.JobManager.CPUUsage = model.Measured(0.92)
		return s
	}},
	{"JobManager collects garbage", api.CauseJobManagerOverload, api.SubCauseHeap, "70% of its time collecting garbage", func(n int) *model.Snapshot {
		late := all(entry(mib, 0.1, 0, 0.1, 0.2, 640))
		s := expiredThrice(n, shares{late, late, absentAll})
		s.JobManager.GCShare, s.JobManager.HeapUsed = model.Measured(0.7), model.Measured(0.95*(1<<30))
		return s
	}},
	{"JobManager collects garbage and nothing expires", api.CauseJobManagerOverload, api.SubCauseHeap, "", func(n int) *model.Snapshot {
		s := add(jobOf(n), times(10, completed(time.Second))...)
		s.JobManager.GCShare = model.Measured(0.9)
		return s
	}},
	{"deletes in the way of triggers", api.CauseSlowCleanup, "", "1 of 1 JobManager io threads delete old checkpoints", func(n int) *model.Snapshot {
		late := all(entry(mib, 900, 0.1, 0.1, 0.2, 0.1))
		one := detailed(completed(901*time.Second), n, shares{late, late, late})
		for v := range one.Tasks {
			for i := range one.Tasks[v].Entries {
				one.Tasks[v].Entries[i].Aborted, one.Tasks[v].Entries[i].Late = false, false
			}
		}
		s := add(jobOf(n), append([]model.Checkpoint{one}, times(3, completed(900*time.Second))...)...)
		dumps(s, jobManagerThread("jobmanager-io-thread-1", append([]string{"java.lang.Thread.sleep", "net.vendor.Files.delete"}, deleteFrames...)...))
		return s
	}},
	{"deletes and idle gaps", api.CauseSlowCleanup, "", "io threads delete old checkpoints", func(n int) *model.Snapshot {
		s := withTimeout(jobOf(n), time.Minute, 2*time.Second)
		add(s, times(6, completed(500*time.Millisecond))...)
		for i := range s.Checkpoints.History {
			s.Checkpoints.History[i].Trigger = testNow.Add(-time.Duration(i) * 30 * time.Second)
		}
		dumps(s, jobManagerThread("jobmanager-io-thread-1", deleteFrames...), jobManagerThread("jobmanager-io-thread-2", deleteFrames...))
		return s
	}},
	{"slow storage", api.CauseSlowStateBackend, "", "are uploading at 1", func(n int) *model.Snapshot {
		s := expiredThrice(n, shares{all(quick), all(entry(66*mib, 0.1, 0.1, 0.1, 675.84, 0.1)), all(quick)})
		dumps(s, append(idleThreads(state, n), uploadThread(0), uploadThread(1))...)
		return s
	}},
	{"storage as slow as ever, below the floor", api.CauseSlowStateBackend, "", "are uploading at 108 KiB/s; normal: 1 MiB/s or more", func(n int) *model.Snapshot {
		s := expiredThrice(n, shares{all(quick), all(entry(66*mib, 0.1, 0.1, 0.1, 675.84, 0.1)), all(quick)})
		dumps(s, append(idleThreads(state, n), uploadThread(0), uploadThread(1))...)
		s.Past.HealthyUploadRate = model.Measured(108 << 10)
		return s
	}},
	{"storage slower than this job's own past", api.CauseSlowStateBackend, "", "this job's own healthy rate is 40 MiB/s", func(n int) *model.Snapshot {
		s := expiredThrice(n, shares{all(quick), all(entry(2000*mib, 0.1, 0.1, 0.1, 650, 0.1)), all(quick)})
		s.Past.HealthyUploadRate = model.Measured(40 * mib)
		return s
	}},
	{"metadata that is written slowly", api.CauseSlowStateBackend, "", "metadata takes long", func(n int) *model.Snapshot {
		s := withTimeout(jobOf(n), time.Minute, 2*time.Second)
		add(s, times(6, completed(500*time.Millisecond))...)
		for i := range s.Checkpoints.History {
			s.Checkpoints.History[i].Trigger = testNow.Add(-time.Duration(i) * 30 * time.Second)
		}
		dumps(s, jobManagerThread("jobmanager-io-thread-1", metadataFrames...))
		return s
	}},
	{"large state, short interval", api.CauseCheckpointPressure, "", "at a normal 2", func(n int) *model.Snapshot {
		s := expiredThrice(n, shares{all(quick), all(entry(13500*mib, 0.1, 0.1, 0.1, 675, 0.1)), all(quick)})
		for i := range s.Checkpoints.History[:3] {
			c := &s.Checkpoints.History[i]
			c.StateSize, c.CheckpointedSize = int64(n)*13500*mib, int64(n)*13500*mib
		}
		return s
	}},
	{"a known issue", api.CauseFlinkVersionBug, api.SubCauseKnownIssue, "FLINK-37870", func(n int) *model.Snapshot {
		s := expiredThrice(n, shares{all(quick), absentAll, absentAll})
		s.Job.FlinkVersion, s.Settings.Unaligned = "1.20.1", set(true)
		s.Vertices[sink].Name = "orders: Writer -> orders: Committer"
		press(s, source, 1, 0)
		press(s, state, 1, 0)
		press(s, sink, 0, 1)
		return s
	}},
	{"versions that differ", api.CauseFlinkVersionBug, api.SubCauseVersionMismatch, "do not run the same Flink", func(n int) *model.Snapshot {
		s := jobOf(n)
		s.Job.TasksRunning = 0
		for i := range s.Vertices {
			s.Vertices[i].Status = "SCHEDULED"
		}
		s.Logs = []model.LogSignal{{Kind: model.LogVersionMismatch, Process: model.JobManagerProcess, Count: 14, Sample: "Could not find rpc method for rpc invocation."}}
		return s
	}},
	{"back pressure", api.CauseBackpressure, "", `"Sink: warehouse" is at its limit (busy 1.00)`, func(n int) *model.Snapshot {
		s := expiredThrice(n, shares{all(quick), absentAll, absentAll})
		press(s, source, 1, 0)
		press(s, state, 1, 0)
		press(s, sink, 0, 1)
		var threads []model.ThreadStack
		for i := range n {
			threads = append(threads, taskThreadOf(sink, i, elementFrames, "com.shop.Warehouse.invoke"), idleThread(state, i))
		}
		dumps(s, threads...)
		return s
	}},
	{"back pressure of a single subtask", api.CauseBackpressure, "", "", func(int) *model.Snapshot {
		s := expiredThrice(1, shares{all(quick), absentAll, absentAll})
		press(s, source, 1, 0)
		press(s, state, 1, 0)
		press(s, sink, 0, 1)
		dumps(s, taskThreadOf(sink, 0, elementFrames, "com.shop.Warehouse.invoke"), idleThread(state, 0))
		return s
	}},
	{"sink that flushes before the barrier", api.CauseSinkFlush, "", "are flushing to JDBC (PostgreSQL)", func(n int) *model.Snapshot {
		s := expiredThrice(n, shares{all(quick), all(quick), all(entry(0, 0.1, 0.1, 0, 0, 660))})
		press(s, sink, 0, 1)
		var threads []model.ThreadStack
		for i := range n {
			threads = append(threads, taskThreadOf(sink, i, flushFrames, "org.postgresql.jdbc.PgStatement.executeBatch", "org.apache.flink.connector.jdbc.internal.JdbcOutputFormat.flush"))
		}
		dumps(s, threads...)
		return s
	}},
	{"sink that flushes, without stacks", api.CauseSinkFlush, "", "only the sinks are late", func(n int) *model.Snapshot {
		return expiredThrice(n, shares{all(quick), all(quick), all(entry(0, 0.1, 0.1, 0, 0, 660))})
	}},
	{"synchronous part", api.CauseSlowSyncPhase, "", "synchronous part of their snapshot (RocksDB)", func(n int) *model.Snapshot {
		s := expiredThrice(n, shares{all(quick), all(entry(mib, 0.1, 0.1, 640, 0.2, 0.1)), all(quick)})
		dumps(s, taskThreadOf(state, 0, syncFrames, "org.rocksdb.Checkpoint.createCheckpoint"))
		return s
	}},
	{"stuck in snapshotState", api.CauseSlowSyncPhase, "", "are stuck in the synchronous part of their snapshot (Enrich.snapshotState)", func(n int) *model.Snapshot {
		s := expiredThrice(n, shares{all(quick), absentFirst, absentAll})
		press(s, source, 0.6, 0.02)
		press(s, state, 0, 1, 0)
		dumps(s, append(idleThreads(sink, n), taskThreadOf(state, 0, syncFrames, "com.shop.Enrich.snapshotState"))...)
		return s
	}},
	{"one subtask holds the bytes", api.CauseDataSkew, "", `subtask 1 of "enrich -> join" writes 13.2 GiB, the others 100 MiB`, func(n int) *model.Snapshot {
		return expiredThrice(n, shares{all(quick), func(i int) model.SubtaskLedger {
			if i == 1 {
				return entry(13500*mib, 0.1, 0.1, 0.1, 675, 0.1)
			}
			return entry(100*mib, 0.1, 0.1, 0.1, 5, 0.1)
		}, all(quick)})
	}},
	{"a TaskManager collects garbage", api.CauseTaskManagerPressure, "", "TaskManager tm-2 spends 60% of its time collecting garbage", func(n int) *model.Snapshot {
		slow := func(e model.SubtaskLedger) func(int) model.SubtaskLedger {
			return func(i int) model.SubtaskLedger {
				if i%2 == 1 {
					return e
				}
				return quick
			}
		}
		s := expiredThrice(n, shares{slow(entry(mib, 200, 0, 200, 250, 200)), slow(entry(mib, 100, 100, 200, 250, 200)), slow(entry(0, 100, 100, 0, 0, 200))})
		s.TaskManagers[1].GCShare, s.TaskManagers[1].HeapUsed = model.Measured(0.6), model.Measured(0.97*(1<<30))
		return s
	}},
	{"storage that refuses", api.CauseStorageFailure, "", "failed on the storage, not on time", func(n int) *model.Snapshot {
		s := add(jobOf(n), times(6, failed(model.FailureAsync, "Asynchronous task checkpoint failed.", 100*time.Millisecond))...)
		s.Logs = []model.LogSignal{{Kind: model.LogStorageError, Process: "tm-1", Count: 30, Sample: "Could not open output stream for state backend"}}
		return s
	}},
	{"metadata that is never written", api.CauseStorageFailure, "", "has waited 25m for its metadata", func(n int) *model.Snapshot {
		stuck := pendingFor(25 * time.Minute)
		stuck.Acknowledged = stuck.Subtasks
		s := add(jobOf(n), stuck, completed(time.Second))
		dumps(s, jobManagerThread("jobmanager-io-thread-1", metadataFrames...))
		return s
	}},
	{"acknowledgements larger than a frame", api.CauseOversizedAck, "", "never acknowledge, not even late", func(n int) *model.Snapshot {
		s := expiredThrice(n, shares{all(quick), absentAll, all(quick)})
		s.Logs = []model.LogSignal{{Kind: model.LogOversizedPayload, Process: "tm-1", Count: 8}}
		dumps(s, idleThreads(state, n)...)
		return s
	}},
	{"source that reads a table", api.CauseSourceBlocked, "", "are sources that do not return from reading", func(n int) *model.Snapshot {
		s := expiredThrice(n, shares{absentFirst, absentAll, absentAll})
		press(s, source, 0, 1, 0)
		dumps(s, append(idleThreads(state, n), taskThreadOf(source, 0, sourceFrames, "com.shop.TableReader.pollNext"))...)
		return s
	}},
	{"source of the old kind that holds the lock", api.CauseSourceBlocked, "", "CDC (Debezium)", func(n int) *model.Snapshot {
		s := expiredThrice(n, shares{absentFirst, absentAll, absentAll})
		holder := taskThreadOf(source, 0, legacyLoop, "io.debezium.connector.mysql.MySqlSnapshotChangeEventSource.createDataEventsForTable")
		holder.Name = "Legacy Source Thread - Source: orders (1/2)#0"
		waits := taskThreadOf(source, 0, lockWait)
		waits.State, waits.BlockedOn, waits.Holder = "BLOCKED", "java.lang.Object", holder.Name
		dumps(s, append(idleThreads(state, n), waits, holder)...)
		return s
	}},
	{"one call of user code", api.CauseUserCodeBlocking, "", "in one call of Enrich.processElement, waiting for an HTTP client", func(n int) *model.Snapshot {
		s := expiredThrice(n, shares{all(quick), absentFirst, absentAll})
		press(s, source, 0.7, 0.01)
		press(s, state, 0, 1, 0)
		dumps(s, append(idleThreads(sink, n), taskThreadOf(state, 0, elementFrames, "okhttp3.internal.connection.RealCall.execute", "com.shop.Enrich.processElement"))...)
		return s
	}},
	{"commit of the checkpoint before", api.CauseCommitBlocksTask, "", "still commit the checkpoint before to Iceberg", func(n int) *model.Snapshot {
		s := expiredThrice(n, shares{all(quick), all(quick), absentFirst})
		dumps(s, taskThreadOf(sink, 0, commitFrames, "org.apache.iceberg.flink.sink.IcebergFilesCommitter.notifyCheckpointComplete"))
		return s
	}},
	{"enumerator that works", api.CauseCoordinatorBlocked, "", "no task is triggered while SourceCoordinator-Source: orders works", func(n int) *model.Snapshot {
		s := expiredThrice(n, shares{absentAll, absentAll, absentAll})
		dumps(s, append(idleThreads(source, n), jobManagerThread("SourceCoordinator-Source: orders", append([]string{"java.lang.Thread.sleep", "com.shop.Lister.snapshotState"}, enumeratorFrames...)...))...)
		return s
	}},
	{"a task throws in its snapshot", api.CauseTaskFailure, "", "a task fails in its snapshot (enrich (1/4))", func(n int) *model.Snapshot {
		s := add(jobOf(n), times(8, failed(model.FailureFailover, "Checkpoint Coordinator is suspending.", 100*time.Millisecond))...)
		s.Exceptions = []model.JobException{{At: testNow, Name: "java.io.IOException", Message: "java.io.IOException: Could not perform checkpoint 7 for operator enrich (1/4)#2.", Task: "enrich (1/4)"}}
		s.Job.Restarts = model.Measured(8)
		return s
	}},
	{"declined checkpoints", api.CauseTaskFailure, "", "checkpoints were declined by a task", func(n int) *model.Snapshot {
		return add(jobOf(n), times(8, failed(model.FailureDeclined, "Checkpoint was declined.", 100*time.Millisecond))...)
	}},
}

func TestCauses(t *testing.T) {
	for _, tt := range causeCases {
		t.Run(tt.name, func(t *testing.T) {
			for _, n := range []int{2, 4, 128} {
				d := diagnosed(t, tt.make(n))
				top := d.Top()
				if top == nil {
					t.Fatalf("parallelism %d: %s without findings: %s", n, d.Health, d.Message)
				}
				if top.Cause != tt.cause || top.SubCause != tt.sub || top.Score < likelyScore || !strings.Contains(top.Summary, tt.says) {
					t.Errorf("parallelism %d: got %s %s, score %d: %s\nwant %s with %q\n%s", n, causeName(top.Cause, top.SubCause), top.Verdict, top.Score, top.Summary,
						causeName(tt.cause, tt.sub), tt.says, ranking(d.Findings))
				}
			}
		})
	}
}

func ranking(findings []model.Finding) string {
	var b strings.Builder
	for i := range findings[:min(len(findings), 4)] {
		f := &findings[i]
		b.WriteString("  " + causeName(f.Cause, f.SubCause) + " " + string(f.Verdict) + "\n")
		for _, e := range f.Evidence {
			b.WriteString("    " + e.Signal + ": " + e.Observed + "\n")
		}
	}
	return b.String()
}

// Logs alone tell little; a task that Flink itself calls stuck, beside expiries, is a trace.
func TestAStuckTaskInTheLogs(t *testing.T) {
	for task, want := range map[string]api.Cause{
		"Source: Postgres Source -> Process (1/1)#0": api.CauseSourceBlocked, "Sink: StarRocks (2/4)#1": api.CauseSinkFlush, "enrich (1/2)#0": "",
	} {
		s := add(jobOf(1), times(3, expired())...)
		s.Vertices, s.TaskManagers, s.JobManager = nil, nil, model.JobManager{}
		s.Logs = []model.LogSignal{{Kind: model.LogStuckTask, Process: "tm.log", Count: 1, Detail: task}}
		d := diagnosed(t, s)
		nearest := d.Findings[1]
		if nearest.Cause != want && want != "" || want == "" && nearest.Score >= possibleScore || d.Findings[0].Cause != api.CauseUndetermined {
			t.Errorf("%s: nearest is %s with %d", task, nearest.Cause, nearest.Score)
		}
	}
}

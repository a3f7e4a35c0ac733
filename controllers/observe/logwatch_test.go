package observe

import (
	"testing"

	"checkpointhealth.dev/operator/controllers/model"
)

// The lines that follow a cure badly made, the JVM's own, and HDFS's: each is of its kind, with what it names, or of no kind.
func TestWatchCollectionAndBlockLines(t *testing.T) {
	for name, tc := range map[string]struct {
		text, detail string
		kind         model.LogKind
	}{
		"Kafka's sequence": {"2026-03-01 20:00:00,000 WARN  x [] - org.apache.kafka.common.errors.OutOfOrderSequenceException: out of order sequence number",
			"OutOfOrderSequenceException", model.LogOutOfOrder},
		"an event": {"2026-03-01 20:00:00,000 WARN  x [] - OutOfOrderEventException: event 4 after 7", "OutOfOrderEventException", model.LogOutOfOrder},
		"Flink's wrapper": {"2026-03-01 20:00:00,000 WARN  Task [] - AsynchronousException{java.lang.Exception: Could not materialize checkpoint 5}",
			"java.lang.Exception", model.LogAsyncException},
		"the user's class":   {"2026-03-01 20:00:00,000 WARN  x [] - java.lang.RuntimeException: org.example.AsyncException: gone", "", model.LogAsyncException},
		"a frame of Flink's": {"2026-03-01 20:00:00,000 WARN  x [] - thrown\n\tat org.apache.flink.StreamTask.handleAsyncException(StreamTask.java:1)", "", ""},
		"a full collection, unified": {"[2026-03-01T20:00:00.000+0000][info][gc] GC(12) Pause Full (G1 Compaction Pause) 1530M->1490M(1536M) 2912.311ms",
			"2912.311ms", model.LogGCPause},
		"a long young one, unified": {"[12.3s][info][gc] GC(3) Pause Young (Normal) (G1 Evacuation Pause) 900M->800M(1536M) 731.0ms", "731.0ms", model.LogGCPause},
		"a short one, unified":      {"[12.3s][info][gc] GC(3) Pause Young (Normal) (G1 Evacuation Pause) 900M->800M(1536M) 12.4ms", "", ""},
		"Java 8, long":              {"12.3: [GC (Allocation Failure) [PSYoungGen: 1M->1M(2M)] 5M->4M(9M), 1.2345670 secs]", "1.2345670 secs", model.LogGCPause},
		"Java 8, short":             {"12.3: [GC (Allocation Failure) [PSYoungGen: 1M->1M(2M)] 5M->4M(9M), 0.0123 secs]", "", ""},
		"without a time":            {"[12.3s][info][gc,start] GC(3) Pause Full (Allocation Failure)", "", ""},
		"HDFS reads": {"2026-03-01 20:00:00,000 WARN  DataStreamer [] - Slow ReadProcessor read fields for block BP-1:blk_2 took 61234ms (threshold=30000ms); ack: seqno: 4",
			"61234ms", model.LogStorageThrottled},
		"HDFS acknowledges": {"2026-03-01 20:00:00,000 WARN  DFSOutputStream [] - Slow waitForAckedSeqno took 38000ms (threshold=30000ms)", "38000ms", model.LogStorageThrottled},
		"HDFS writes":       {"2026-03-01 20:00:00,000 WARN  DataNode [] - Slow BlockReceiver write data to disk cost:512ms (threshold=300ms)", "512ms", model.LogStorageThrottled},
	} {
		t.Run(name, func(t *testing.T) {
			signals := scan(t, "tm-1", tc.text+"\n").Signals
			var found *model.LogSignal
			for i := range signals {
				if signals[i].Kind == tc.kind {
					found = &signals[i]
				}
			}
			switch {
			case tc.kind == "" && len(signals) > 0:
				t.Errorf("it counts as %+v", signals)
			case tc.kind != "" && (found == nil || found.Detail != tc.detail || found.Count != 1):
				t.Errorf("it counts as %+v, want %q with detail %q", signals, tc.kind, tc.detail)
			}
		})
	}
}

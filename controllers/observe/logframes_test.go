package observe

import (
	"testing"

	"checkpointhealth.dev/operator/controllers/model"
)

// signalOf is what a log tells of a kind; its count is 0 where it tells nothing.
func signalOf(t *testing.T, kind model.LogKind, text string) model.LogSignal {
	t.Helper()
	for _, signal := range scan(t, "a.log", text).Signals {
		if signal.Kind == kind {
			return signal
		}
	}
	return model.LogSignal{}
}

// Messages larger than a frame are found in the words of who sends and of who receives them; what is no message of Flink's is not.
func TestMessagesLargerThanAFrame(t *testing.T) {
	const at = "2026-03-01 12:00:00,000 WARN  x [] - "
	for text, want := range map[string]string{
		"java.io.IOException: The rpc invocation size 12345678 exceeds the maximum akka framesize.":                                                                  "rpc invocation size 12345678",
		"java.io.IOException: The rpc invocation size 12345678 exceeds the maximum pekko framesize.":                                                                 "rpc invocation size 12345678",
		"Remote connection to [/10.0.0.7:4711] failed with TooLongFrameException: Adjusted frame length exceeds 2097152: 3000001 - discarded":                        "Adjusted frame length exceeds 2097152: 3000001",
		"Could not submit task.\n\tat TaskExecutorGateway.submitTask\nCaused by: java.io.IOException: The rpc invocation size 5 exceeds the maximum akka framesize.": "",
		"TooLongFrameException: Adjusted frame length exceeds 2097152: 1195725860 - discarded":                                                                       "", // "GET "
		"TooLongFrameException: Adjusted frame length exceeds 2097152: 369295620 - discarded":                                                                        "", // a handshake of TLS
	} {
		if got := signalOf(t, model.LogOversizedPayload, at+text+"\n"); got.Detail != want || (got.Count > 0) != (want != "") {
			t.Errorf("%s: %d, %q, want %q", text, got.Count, got.Detail, want)
		}
	}
}

// Flink calls any IOException while it triggers an IO problem: it is the storage's only where the record names it.
func TestAnIOProblemIsTheStoragesWhereItIsNamed(t *testing.T) {
	const record = "2026-03-01 12:00:00,000 WARN  x [] - Failed to trigger or complete checkpoint 3 for job " + job32 + ".\n" +
		"org.apache.flink.runtime.checkpoint.CheckpointException: An Exception occurred while triggering the checkpoint. IO-problem detected.\n"
	for text, want := range map[string][2]int{ // storage errors, out of memory
		"": {0, 0},
		"Caused by: java.io.IOException: Serialized size (> 1000 bytes) exceeds JVM heap space\n":                                    {0, 1},
		"Caused by: java.io.IOException: Failed to create directory for shared state: s3://b/c\n":                                    {1, 0},
		"Caused by: java.io.IOException: none\n\tat org.apache.flink.core.fs.local.LocalFileSystem.mkdirs(LocalFileSystem.java:1)\n": {1, 0},
	} {
		got := [2]int{signalOf(t, model.LogStorageError, record+text).Count, signalOf(t, model.LogOutOfMemory, record+text).Count}
		if got != want {
			t.Errorf("%q: %d storage errors and %d out of memory, want %d", text, got[0], got[1], want)
		}
	}
}

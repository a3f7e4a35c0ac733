package observe

import (
	"regexp"
	"strings"
	"time"

	"checkpointhealth.dev/operator/controllers/model"
)

// logPattern finds one kind of line. All of the words must be in it; detail, where there is one, takes out what the line names.
type logPattern struct {
	kind   model.LogKind
	words  []string
	detail *regexp.Regexp
}

// logPatterns are the lines that concern checkpoints, with the texts of Flink 1.11 to 2.3 and of the libraries it uploads with. A record,
// stack trace included, counts once for each kind.
var logPatterns = []logPattern{
	// JobManager, CheckpointCoordinator.
	{model.LogExpired, []string{"Checkpoint ", " of job ", " expired before completing."}, regexp.MustCompile(`Checkpoint (\d+) of job`)},
	{model.LogLateMessage, []string{"Received late message for now expired checkpoint attempt"}, regexp.MustCompile(`checkpoint attempt (\d+ from task \S+)`)},
	{model.LogCompleted, []string{"Completed checkpoint ", " for job "}, regexp.MustCompile(`Completed checkpoint (\d+)`)},
	{model.LogDeclined, []string{"Decline checkpoint ", " by task "}, regexp.MustCompile(`Decline checkpoint (\d+ by task \S+)`)},
	{model.LogTriggerFailed, []string{"Triggering Checkpoint ", " failed due to "}, regexp.MustCompile(`failed due to ([\w.$]+)`)},
	{model.LogTriggerFailed, []string{"Trigger checkpoint failure"}, nil},
	{model.LogToleranceExceeded, []string{"Exceeded checkpoint tolerable failure threshold"}, nil},
	{model.LogDiscardFailed, []string{"Could not properly discard"}, regexp.MustCompile(`discard ([\w ]+?)[.:]?$`)},
	{model.LogDiscardFailed, []string{"Fail to discard the old checkpoint"}, nil},
	// A platform's own words; no Flink version prints them.
	{model.LogPlatformTimeout, []string{"duration exceeded checkpoint timeout of"}, regexp.MustCompile(`timeout of \[?(\d+)\]?\s*ms`)},
	{model.LogPlatformTimeout, []string{"Checkpoint is too late"}, nil},
	// TaskManager.
	{model.LogAsyncFailed, []string{"asynchronous part of checkpoint", "could not be completed"}, regexp.MustCompile(`(\d+) could not be completed`)},
	{model.LogStuckTask, []string{"Task '", "did not react to ", " it is stuck for "}, regexp.MustCompile(`Task '(.{1,200}?)' did not react`)},
	{model.LogTaskFailure, []string{" switched from RUNNING to FAILED"}, regexp.MustCompile(`(\S.{0,120}\(\d+/\d+\))`)},
	// RPC.
	{model.LogOversizedPayload, []string{"OversizedPayloadException"}, regexp.MustCompile(`(max allowed size \d+ bytes, actual size of encoded class \S+ was \d+ bytes)`)},
	{model.LogOversizedPayload, []string{"Discarding oversized payload"}, regexp.MustCompile(`(max allowed size \d+ bytes, actual size of encoded class \S+ was \d+ bytes)`)},
	// Who sends it refuses what is too large (akka up to Flink 1.17, pekko from 1.18 on), or the transport of who receives it does.
	{model.LogOversizedPayload, []string{"The rpc invocation size", "exceeds the maximum ", "framesize"}, regexp.MustCompile(`(rpc invocation size \d+)`)},
	{model.LogOversizedPayload, []string{"Adjusted frame length exceeds ", " - discarded"}, tooLongFrame},
	{model.LogRPCTimeout, []string{"Invocation of [", "timed out"}, regexp.MustCompile(`RemoteRpcInvocation\((\w+\.\w+)`)},
	{model.LogRPCTimeout, []string{"AskTimeoutException"}, nil},
	{model.LogRPCTimeout, []string{"Ask timed out on"}, nil},
	{model.LogHeartbeatTimeout, []string{"eartbeat of ", " timed out"}, regexp.MustCompile(`eartbeat of (\w+)`)},
	{model.LogHeartbeatTimeout, []string{" with id ", "is no longer reachable"}, regexp.MustCompile(`(\w+Manager) with id`)},
	// Versions that do not match.
	{model.LogVersionMismatch, []string{"NoSuchMethodException", "registerTaskExecutor"}, nil},
	{model.LogVersionMismatch, []string{"Could not find rpc method for rpc invocation"}, nil},
	{model.LogVersionMismatch, []string{"dropping message", "for non-local recipient"}, regexp.MustCompile(`inbound addresses are \[([^\]]{1,100})\]`)},
	{model.LogVersionMismatch, []string{"ClassNotFoundException: org.apache.flink.api"}, regexp.MustCompile(`ClassNotFoundException: ([\w.$]+)`)},
	{model.LogVersionMismatch, []string{"InvalidClassException: org.apache.flink."}, regexp.MustCompile(`InvalidClassException: ([\w.$]+)`)},
	// Memory.
	{model.LogOutOfMemory, []string{"OutOfMemoryError"}, regexp.MustCompile(`OutOfMemoryError: ([\w ]{1,60})`)},
	{model.LogOutOfMemory, []string{"OOMKilled"}, nil},
	// What DataOutputSerializer makes of an OutOfMemoryError, an IOException.
	{model.LogOutOfMemory, []string{"Serialized size (> ", "exceeds JVM heap space"}, regexp.MustCompile(`(Serialized size \(> \d+ bytes\))`)},
	// Storage that asks for fewer requests.
	{model.LogStorageThrottled, []string{"SlowDown"}, nil},
	{model.LogStorageThrottled, []string{"Slow Down"}, nil},
	{model.LogStorageThrottled, []string{"reduce your request rate"}, nil},
	{model.LogStorageThrottled, []string{"Status Code: 503"}, nil},
	{model.LogStorageThrottled, []string{"ServerBusy"}, nil},
	{model.LogStorageThrottled, []string{"rateLimitExceeded"}, nil},
	// HDFS: a block took longer than the client's threshold (dfs.client.slow.io.warning.threshold.ms, 30 s) or the datanode's (300 ms).
	{model.LogStorageThrottled, []string{"Slow ReadProcessor"}, slowBlock},
	{model.LogStorageThrottled, []string{"Slow waitForAckedSeqno"}, slowBlock},
	{model.LogStorageThrottled, []string{"Slow BlockReceiver"}, slowBlock},
	// Storage that fails.
	{model.LogStorageError, []string{"Could not flush and close the file system output stream"}, nil},
	{model.LogStorageError, []string{"Could not open output stream for state backend"}, nil},
	{model.LogStorageError, []string{"Could not flush to file and close the file system output stream"}, nil},
	// Flink's word for any IOException while it triggers; what names the storage must stand beside it.
	{model.LogStorageError, []string{"IO-problem detected", "FileSystem"}, nil},
	{model.LogStorageError, []string{"IO-problem detected", "CheckpointStorage"}, nil},
	{model.LogStorageError, []string{"IO-problem detected", "org.apache.hadoop."}, nil},
	{model.LogStorageError, []string{"IO-problem detected", "Failed to create directory"}, nil},
	{model.LogStorageError, []string{"IO-problem detected", "AccessDenied"}, nil},
	{model.LogStorageError, []string{"Failure to finalize checkpoint"}, nil},
	{model.LogStorageError, []string{"Unable to execute HTTP request"}, nil},
	{model.LogStorageError, []string{"AmazonS3Exception"}, regexp.MustCompile(`Error Code: (\w+)`)},
	{model.LogStorageError, []string{"S3Exception"}, regexp.MustCompile(`S3Exception: ([^(]{1,80})`)},
	{model.LogStorageError, []string{"AbfsRestOperationException"}, nil},
	{model.LogStorageError, []string{"No space left on device"}, nil},
	{model.LogStorageError, []string{"Mkdirs failed to create"}, nil},
	{model.LogStorageError, []string{"could only be written to", "datanode"}, nil},
	// Connectors. The detail is the library.
	{model.LogSinkError, []string{"StreamLoad"}, regexp.MustCompile(`(Doris|StarRocks|doris|starrocks)`)},
	{model.LogSinkError, []string{"DorisRuntimeException"}, regexp.MustCompile(`(Doris)`)},
	{model.LogSinkError, []string{"starrocks", "failed"}, regexp.MustCompile(`(starrocks)`)},
	{model.LogSinkError, []string{"org.apache.kafka.common.errors."}, regexp.MustCompile(`errors\.(\w+)`)},
	{model.LogSinkError, []string{"FlinkKafkaException"}, regexp.MustCompile(`(Kafka)`)},
	{model.LogSinkError, []string{"Elasticsearch", "xception"}, regexp.MustCompile(`(Elasticsearch)`)},
	{model.LogSinkError, []string{"BatchUpdateException"}, regexp.MustCompile(`(BatchUpdateException)`)},
	{model.LogSinkError, []string{"RetryExec", "I/O exception"}, regexp.MustCompile(`to \{\}->(\S{1,80}?):? `)},
	// What follows a cure badly made. "handleAsyncException(" is a frame of Flink's own and no exception, hence the character before the class.
	{model.LogOutOfOrder, []string{"OutOfOrderEvent"}, outOfOrderClass},
	{model.LogOutOfOrder, []string{"OutOfOrderSequence"}, outOfOrderClass},
	{model.LogAsyncException, []string{" AsyncException"}, nil},
	{model.LogAsyncException, []string{".AsyncException"}, nil},
	{model.LogAsyncException, []string{"AsynchronousException{"}, regexp.MustCompile(`AsynchronousException\{([\w.$]+)`)},
	// Collections, in the unified layout of Java 9 and later and in that of Java 8; only long ones count, see longPause.
	{model.LogGCPause, []string{"Pause Full"}, pauseTime},
	{model.LogGCPause, []string{"Pause Young"}, pauseTime},
	{model.LogGCPause, []string{"[Full GC"}, pauseTime},
	{model.LogGCPause, []string{"[GC (Allocation Failure)"}, pauseTime},
}

var (
	// outOfOrderClass is the exception's class, without its package.
	outOfOrderClass = regexp.MustCompile(`(OutOfOrder\w+)`)
	// tooLongFrame is the limit and the size of a message that netty discarded.
	tooLongFrame = regexp.MustCompile(`(Adjusted frame length exceeds \d+: \d+)`)
	// slowBlock is how long HDFS took for a block.
	slowBlock = regexp.MustCompile(`(?:took|cost:?) ?(\d+ ?ms)`)
	// pauseTime is how long a collection stopped all threads: the first figure with a unit.
	pauseTime = regexp.MustCompile(`(\d+(?:[.,]\d+)?(?:ms| secs))\b`)
)

// leastPause is a collection long enough to delay a checkpoint; the young ones of a healthy heap take some 10 ms.
const leastPause = 500 * time.Millisecond

// longPause tells whether a line about a collection says that it took leastPause or more.
func longPause(text string) bool {
	match := pauseTime.FindStringSubmatch(text)
	if match == nil {
		return false
	}
	figure := strings.ReplaceAll(match[1], ",", ".")
	unit := "s"
	if rest, ok := strings.CutSuffix(figure, "ms"); ok {
		figure, unit = rest, "ms"
	} else {
		figure = strings.TrimSuffix(figure, " secs")
	}
	took, err := time.ParseDuration(figure + unit)
	return err == nil && took >= leastPause
}

// consequences are words of what follows an abort; a record with them is no storage error.
var consequences = []string{"CancellationException", "does not have any open files", "Socket closed", "Stream closed", "ClosedByInterruptException"}

// matches tells whether all words are in the text.
func (l *logPattern) matches(text string) bool {
	for _, word := range l.words {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

// detailOf takes out what the line names; empty where it names nothing.
func (l *logPattern) detailOf(text string) string {
	if l.detail == nil {
		return ""
	}
	match := l.detail.FindStringSubmatch(text)
	if match == nil {
		return ""
	}
	return quotedText(match[1], maxName)
}

// passedOver tells that a record is of a kind and still says nothing: it only follows an abort, is a collection as any heap has them, or a message that
// is no acknowledgement.
func passedOver(kind model.LogKind, text string) bool {
	switch kind {
	case model.LogGCPause:
		return !longPause(text)
	case model.LogOversizedPayload:
		return noAcknowledgement(text)
	}
	if kind != model.LogStorageError && kind != model.LogSinkError {
		return false
	}
	for _, word := range consequences {
		if strings.Contains(text, word) {
			return true
		}
	}
	return false
}

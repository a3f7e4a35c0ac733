package diagnose

import (
	"slices"
	"strings"

	"checkpointhealth.dev/operator/controllers/model"
)

// words are what logs and exceptions say, counted by what it means.
type words struct {
	logs map[model.LogKind]*model.LogSignal
	// counts of log lines by kind are in logs; exceptions by what they tell:
	rpc, declined, storage, memory, versions *model.JobException
	exceptions                               int
	// timeouts counts exceptions of calls that nobody answered in time, and silent is the newest of the silences of a TaskManager whose heartbeats
	// stopped: a process that dies is noticed at once ("is no longer reachable").
	timeouts, silences int
	silent             *model.JobException
	// newest is the newest exception of this spell, whatever it tells, but that checkpoints failed; intolerances counts those.
	newest       *model.JobException
	intolerances int
}

// exceptionTexts tell what an exception means, by its class, message or first frames. The order counts: a refused snapshot is
// wrapped in an IOException, and a lost connection in a CheckpointException.
var exceptionTexts = []struct {
	into  func(*words) **model.JobException
	texts []string
	// within, where there are any: one of them must be there as well.
	within []string
}{
	// versions that do not understand one another: Flink's own classes and RPC methods. The user's code has these exceptions, too. A registration
	// that times out names the same method and is no mismatch. What describes a job and its tasks is Flink's own, the user's code in it is bytes
	// (TaskExecutor.submitTask): a TaskManager that cannot read it is of another version (1.18 under 1.20 and 2.0 under 2.2, measured).
	{into: func(w *words) **model.JobException { return &w.versions }, texts: append([]string{"InvalidClassException: org.apache.flink.", "Could not find rpc method",
		"NoSuchMethodException: org.apache.flink.runtime.", unreadTask}, unlike(ownPackages)...)},
	// A missing class tells it only where one process reads what another one sent: a jar that was built for another Flink lacks classes, too.
	{into: func(w *words) **model.JobException { return &w.versions }, texts: unknownTo(ownPackages), within: betweenProcesses},
	// memory
	{into: func(w *words) **model.JobException { return &w.memory }, texts: []string{"OutOfMemoryError"}},
	// RPC and heartbeats
	{into: func(w *words) **model.JobException { return &w.rpc }, texts: []string{"AskTimeoutException", "RemoteRpcInvocation", "RpcConnectionException",
		"eartbeat of TaskManager", "eartbeat of JobManager", "is no longer reachable", "RecipientUnreachableException",
		"Invocation of [", "RemoteTransportException", "Connection unexpectedly closed", "Lost connection", "LocalTransportException",
		"not responding after a rpcTimeout",
		"org.apache.flink.runtime.io.network.netty.", "Failed to fetch BLOB", "Could not connect to BlobServer"}},
	// a snapshot that a task refused or threw in
	{into: func(w *words) **model.JobException { return &w.declined }, texts: []string{"Could not perform checkpoint", "Could not complete snapshot",
		"Checkpoint was declined", "Error while triggering checkpoint", "could not be completed for operator"}},
	// storage
	{into: func(w *words) **model.JobException { return &w.storage }, texts: []string{"S3Exception", "AmazonClientException", "SdkClientException", "AmazonS3",
		"StorageException", "HadoopFileSystem", "org.apache.hadoop.ipc", "RemoteException", "NoSuchBucket", "AccessDenied", "SlowDown",
		"Could not flush to file", "Could not open output stream for state backend", "Failed to create directory", "No space left on device",
		"Could not materialize checkpoint", "FsCheckpointStreamFactory", "FsCheckpointStorage"}},
}

// ownPackages are what every process of Flink has in one jar, so that a class of them is missing only in another version. Connectors, formats, state
// backends and the Scala API have jars of their own.
var ownPackages = []string{"api.common.", "api.connector.", "configuration.", "core.", "runtime.", "shaded.", "streaming.api.", "streaming.runtime.", "types.", "util."}

// betweenProcesses are where a process of Flink reads what another one sent it (TaskExecutor.submitTask, RemoteRpcInvocation, RpcSerializedValue).
var betweenProcesses = []string{"TaskExecutor.submitTask", "RemoteRpcInvocation", "RpcSerializedValue"}

// unknownTo are the words of a class of each package that one side does not know.
func unknownTo(packages []string) []string {
	var texts []string
	for _, name := range packages {
		texts = append(texts, "ClassNotFoundException: org.apache.flink."+name, "NoClassDefFoundError: org/apache/flink/"+strings.ReplaceAll(name, ".", "/"))
	}
	return texts
}

// unlike are the words of a class of each package that one side knows with other fields (1.20 under 1.18, measured).
func unlike(packages []string) []string {
	var texts []string
	for _, name := range packages {
		texts = append(texts, "cannot assign instance of org.apache.flink."+name)
	}
	return texts
}

// maxExceptions is how many of the newest exceptions are read.
const maxExceptions = 16

func readWords(f *features) words {
	w := words{logs: make(map[model.LogKind]*model.LogSignal, len(f.s.Logs))}
	for i := range f.s.Logs {
		if signal := &f.s.Logs[i]; signal.Count > 0 && f.belongs(signal) {
			w.add(signal)
		}
	}
	for i := range f.s.Exceptions[:min(len(f.s.Exceptions), maxExceptions)] {
		e := &f.s.Exceptions[i]
		if !f.ofThisSpell(e.At) {
			continue
		}
		if isIntolerance(e) { // the consequence of failed checkpoints, not their cause
			w.intolerances++
			continue
		}
		if followsRestart(e) {
			continue
		}
		if w.newest == nil {
			w.newest = e
		}
		w.exceptions++
		w.read(e)
		w.countTimeout(e)
	}
	return w
}

// belongs tells whether a line has to do with the present trouble.
func (f *features) belongs(signal *model.LogSignal) bool {
	return f.ofThisSpell(signal.Last) || signal.Kind == model.LogVersionMismatch && f.ofThisMismatch(signal.Last)
}

// add counts a line of one process with those of others.
func (w *words) add(signal *model.LogSignal) {
	sum, seen := w.logs[signal.Kind]
	if !seen {
		w.logs[signal.Kind] = signal
		return
	}
	both := *sum
	both.Count += signal.Count
	if signal.Last.After(both.Last) {
		both.Last = signal.Last
	}
	w.logs[signal.Kind] = &both
}

// followUps are what a restart runs into that something else made: slots or results of a TaskManager that is gone. They tell nothing of the cause.
var followUps = []string{"NoResourceAvailableException", "Could not acquire the minimum required resources", "PartitionNotFoundException", "ProducerFailedException"}

func followsRestart(e *model.JobException) bool {
	return slices.ContainsFunc(followUps, func(text string) bool { return strings.Contains(e.Name, text) || strings.Contains(e.Message, text) })
}

// unanswered tell a call that nobody answered in time (Execution.deploy, RPC invocations, heartbeats).
var unanswered = []string{"not responding after a rpcTimeout", "Invocation of [", "AskTimeoutException"}

func (w *words) countTimeout(e *model.JobException) {
	if mentions(e, "eartbeat of TaskManager") && mentions(e, "timed out") {
		w.silences++
		if w.silent == nil {
			w.silent = e
		}
	}
	w.timeouts += count(mentionsAny(e, unanswered))
}

func (w *words) read(e *model.JobException) {
	for _, known := range exceptionTexts {
		if !mentionsAny(e, known.texts) || len(known.within) > 0 && !mentionsAny(e, known.within) {
			continue
		}
		if into := known.into(w); *into == nil {
			*into = e
		}
		return
	}
}

func (w *words) log(kind model.LogKind) int {
	if s := w.logs[kind]; s != nil {
		return s.Count
	}
	return 0
}

// stuck is the task that did not react to cancelling, by Flink's own line ("did not react to cancelling signal"); empty if none.
func (w *words) stuck() string {
	if s := w.logs[model.LogStuckTask]; s != nil {
		return s.Detail
	}
	return ""
}

// says is the class and message of an exception, bounded.
func says(e *model.JobException) string {
	name := e.Name[strings.LastIndexByte(e.Name, '.')+1:]
	if e.Message == "" {
		return bounded(name, maxObserved)
	}
	if rest, ok := strings.CutPrefix(e.Message, e.Name); ok { // Flink repeats the class
		return bounded(name+rest, maxObserved)
	}
	return bounded(name+": "+e.Message, maxObserved)
}

func mentionsAny(e *model.JobException, texts []string) bool {
	return slices.ContainsFunc(texts, func(text string) bool { return mentions(e, text) })
}

func mentions(e *model.JobException, text string) bool {
	if strings.Contains(e.Message, text) || strings.Contains(e.Name+": "+e.Message, text) {
		return true
	}
	for _, frame := range e.Frames {
		if strings.Contains(frame, text) {
			return true
		}
	}
	return false
}

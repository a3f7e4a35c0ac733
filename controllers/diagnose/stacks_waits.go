package diagnose

import (
	"slices"
	"strings"

	"checkpointhealth.dev/operator/controllers/model"
)

// waitsFor notes what a thread waits for.
func (a *activity) waitsFor(t *model.ThreadStack) {
	a.alone, a.asks, a.awaits, a.writer = alone(t), asks(t), awaits(t), stateOnly(t)
	if t.State == "BLOCKED" {
		a.blockedOn, a.holder = t.BlockedOn, t.Holder
	}
}

// alone tells a thread that asks nobody outside its process. To the JVM one that waits for the other end of a connection runs.
func alone(t *model.ThreadStack) bool {
	switch t.State {
	case "BLOCKED":
		return true
	case "RUNNABLE":
		return len(t.Frames) > 0 && !slices.ContainsFunc(connections, func(prefix string) bool { return strings.HasPrefix(t.Frames[0], prefix) })
	}
	return slices.ContainsFunc(t.Frames, func(frame string) bool { return strings.HasPrefix(frame, "java.util.concurrent.locks.Reentrant") })
}

// asks tells a thread that has a connection in its hands, or waits in a client for what another thread receives.
func asks(t *model.ThreadStack) bool {
	return slices.ContainsFunc(t.Frames, func(frame string) bool {
		return strings.HasPrefix(frame, "java.net.http.") || strings.HasPrefix(frame, "jdk.internal.net.http.") ||
			slices.ContainsFunc(connections, func(prefix string) bool {
				return strings.HasPrefix(frame, prefix) && prefix != "java.io.FileInputStream."
			})
	})
}

// connections are the innermost frames of a thread that sends, or waits for an answer.
var connections = []string{"java.net.", "sun.net.", "sun.nio.ch.Net.", "sun.nio.ch.NioSocketImpl.", "sun.nio.ch.Socket", "sun.nio.ch.EPoll", "sun.nio.ch.KQueue",
	"sun.nio.ch.SelectorImpl.", "sun.security.ssl.", "java.io.FileInputStream.", "io.netty."}

// awaits tells a thread that waits until another one has something for it, or between two attempts.
func awaits(t *model.ThreadStack) bool {
	return slices.ContainsFunc(t.Frames, func(frame string) bool {
		return slices.ContainsFunc(otherThreads, func(prefix string) bool { return strings.HasPrefix(frame, prefix) })
	})
}

// otherThreads are what a thread waits in for what another one brings, or sleeps in before it asks again.
var otherThreads = []string{"java.util.concurrent.CompletableFuture.", "java.util.concurrent.FutureTask.", "java.util.concurrent.CountDownLatch.", "java.lang.Object.wait",
	"java.lang.Thread.sleep", "java.util.concurrent.Phaser.", "java.util.concurrent.locks.AbstractQueuedSynchronizer$ConditionObject."}

// stateOnly tells a thread that Flink asked a writer or a reader only for its state in. The writer has flushed before (SinkWriter.flush, in prepareSnapshotPreBarrier),
// and a reader has nothing to flush.
func stateOnly(t *model.ThreadStack) bool {
	return slices.ContainsFunc(t.Frames, func(frame string) bool {
		return slices.ContainsFunc(stateCallers, func(suffix string) bool { return strings.HasSuffix(frame, suffix) })
	})
}

// stateCallers are the methods of Flink in which it does (1.15 to 2.3).
var stateCallers = []string{".SinkWriterOperator.snapshotState", ".StatefulSinkWriterStateHandler.snapshotState", ".SourceOperator.snapshotState"}

// sends tells a method that is called after what it sends.
func sends(frame string) bool {
	method := strings.ToLower(written(frame[strings.LastIndexByte(frame, '.')+1:]))
	return slices.ContainsFunc(sending, func(prefix string) bool { return strings.HasPrefix(method, prefix) })
}

// sending begin the names of methods that send what was gathered, of JDBC, of Kafka and of most clients.
var sending = []string{"flush", "send", "publish", "bulk", "drain", "deliver", "commit", "precommit", "executebatch", "executelargebatch", "executeupdate"}

// calls tells the library of a method that somebody chose a name for who sends: a connector's or the user's own. In the JDK every stream has a flush.
func (l *library) calls() bool {
	return l.Kind == unknownKind || l.Kind == connectorKind || l.Kind == userKind
}

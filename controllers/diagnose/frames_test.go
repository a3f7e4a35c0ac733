package diagnose

// Frames of real thread dumps (Flink 1.20.5 on JDK 17, recorded), innermost first, without what the tests put inside of them.
var (
	taskFrames = []string{
		"org.apache.flink.streaming.runtime.tasks.mailbox.MailboxProcessor.runMailboxLoop",
		"org.apache.flink.streaming.runtime.tasks.StreamTask.runMailboxLoop",
		"org.apache.flink.streaming.runtime.tasks.StreamTask.invoke",
		"org.apache.flink.runtime.taskmanager.Task$$Lambda.run",
		"org.apache.flink.runtime.taskmanager.Task.runWithSystemExitMonitoring",
		"org.apache.flink.runtime.taskmanager.Task.restoreAndInvoke",
		"org.apache.flink.runtime.taskmanager.Task.doRun",
		"org.apache.flink.runtime.taskmanager.Task.run",
		"java.lang.Thread.run",
	}
	mailboxFrames = []string{
		"jdk.internal.misc.Unsafe.park",
		"java.util.concurrent.locks.LockSupport.parkNanos",
		"java.util.concurrent.locks.AbstractQueuedSynchronizer$ConditionObject.await",
		"org.apache.flink.streaming.runtime.tasks.mailbox.TaskMailboxImpl.take",
		"org.apache.flink.streaming.runtime.tasks.mailbox.MailboxProcessor.processMailsWhenDefaultActionUnavailable",
		"org.apache.flink.streaming.runtime.tasks.mailbox.MailboxProcessor.processMail",
	}
	elementFrames = []string{
		"org.apache.flink.streaming.api.operators.KeyedProcessOperator.processElement",
		"org.apache.flink.streaming.runtime.io.RecordProcessorUtils.lambda$getRecordProcessor$0",
		"org.apache.flink.streaming.runtime.io.RecordProcessorUtils$$Lambda.accept",
		"org.apache.flink.streaming.runtime.tasks.OneInputStreamTask$StreamTaskNetworkOutput.emitRecord",
		"org.apache.flink.streaming.runtime.io.AbstractStreamTaskNetworkInput.processElement",
		"org.apache.flink.streaming.runtime.io.AbstractStreamTaskNetworkInput.emitNext",
		"org.apache.flink.streaming.runtime.io.StreamOneInputProcessor.processInput",
		"org.apache.flink.streaming.runtime.tasks.StreamTask.processInput",
	}
	barrierFrames = []string{
		"org.apache.flink.streaming.runtime.tasks.StreamTask.lambda$performCheckpoint$18",
		"org.apache.flink.streaming.runtime.tasks.StreamTaskActionExecutor$1.runThrowing",
		"org.apache.flink.streaming.runtime.tasks.StreamTask.performCheckpoint",
		"org.apache.flink.streaming.runtime.tasks.StreamTask.triggerCheckpointOnBarrier",
		"org.apache.flink.streaming.runtime.io.checkpointing.CheckpointBarrierHandler.notifyCheckpoint",
		"org.apache.flink.streaming.runtime.io.checkpointing.SingleCheckpointBarrierHandler.triggerCheckpoint",
	}
	syncFrames = append([]string{
		"org.apache.flink.streaming.util.functions.StreamingFunctionUtils.trySnapshotFunctionState",
		"org.apache.flink.streaming.api.operators.AbstractUdfStreamOperator.snapshotState",
		"org.apache.flink.streaming.api.operators.StreamOperatorStateHandler.snapshotState",
		"org.apache.flink.streaming.runtime.tasks.RegularOperatorChain.checkpointStreamOperator",
		"org.apache.flink.streaming.runtime.tasks.RegularOperatorChain.snapshotState",
		"org.apache.flink.streaming.runtime.tasks.SubtaskCheckpointCoordinatorImpl.takeSnapshotSync",
		"org.apache.flink.streaming.runtime.tasks.SubtaskCheckpointCoordinatorImpl.checkpointState",
	}, barrierFrames...)
	flushFrames = append([]string{
		"org.apache.flink.streaming.runtime.operators.sink.SinkWriterOperator.prepareSnapshotPreBarrier",
		"org.apache.flink.streaming.runtime.tasks.RegularOperatorChain.prepareSnapshotPreBarrier",
		"org.apache.flink.streaming.runtime.tasks.SubtaskCheckpointCoordinatorImpl.checkpointState",
	}, barrierFrames...)
	commitFrames = []string{
		"org.apache.flink.streaming.runtime.tasks.StreamOperatorWrapper.notifyCheckpointComplete",
		"org.apache.flink.streaming.runtime.tasks.RegularOperatorChain.notifyCheckpointComplete",
		"org.apache.flink.streaming.runtime.tasks.SubtaskCheckpointCoordinatorImpl.notifyCheckpointComplete",
		"org.apache.flink.streaming.runtime.tasks.StreamTask.notifyCheckpointComplete",
		"org.apache.flink.streaming.runtime.tasks.StreamTask.lambda$notifyCheckpointOperation$22",
		"org.apache.flink.streaming.runtime.tasks.mailbox.Mail.run",
		"org.apache.flink.streaming.runtime.tasks.mailbox.MailboxProcessor.processMailsWhenDefaultActionUnavailable",
	}
	sourceFrames = []string{
		"org.apache.flink.streaming.api.operators.SourceOperator.emitNext",
		"org.apache.flink.streaming.runtime.io.StreamTaskSourceInput.emitNext",
		"org.apache.flink.streaming.runtime.io.StreamOneInputProcessor.processInput",
		"org.apache.flink.streaming.runtime.tasks.StreamTask.processInput",
	}
	asyncFrames = []string{
		"org.apache.flink.core.fs.FSDataOutputStreamWrapper.write",
		"org.apache.flink.runtime.state.filesystem.FsCheckpointStreamFactory$FsCheckpointStateOutputStream.flushToFile",
		"org.apache.flink.runtime.state.filesystem.FsCheckpointStreamFactory$FsCheckpointStateOutputStream.write",
		"org.apache.flink.runtime.util.ForwardingOutputStream.write",
		"org.apache.flink.runtime.state.heap.CopyOnWriteStateMapSnapshot.writeState",
		"org.apache.flink.runtime.state.heap.HeapSnapshotStrategy.lambda$asyncSnapshot$3",
		"org.apache.flink.runtime.state.SnapshotStrategyRunner$1.callInternal",
		"org.apache.flink.runtime.state.AsyncSnapshotCallable.call",
		"org.apache.flink.streaming.runtime.tasks.AsyncCheckpointRunnable.run",
		"java.util.concurrent.ThreadPoolExecutor.runWorker",
		"java.lang.Thread.run",
	}
	deleteFrames = []string{
		"org.apache.flink.core.fs.PluginFileSystemFactory$ClassLoaderFixingFileSystem.delete",
		"org.apache.flink.runtime.state.filesystem.FileStateHandle.discardState",
		"org.apache.flink.runtime.checkpoint.CompletedCheckpoint$CompletedCheckpointDiscardObject$$Lambda.run",
		"org.apache.flink.util.concurrent.FutureUtils.lambda$runAsync$20",
		"java.util.concurrent.CompletableFuture$AsyncRun.run",
	}
	poolFrames = []string{
		"jdk.internal.misc.Unsafe.park",
		"java.util.concurrent.locks.LockSupport.park",
		"java.util.concurrent.LinkedBlockingQueue.take",
		"java.util.concurrent.ThreadPoolExecutor.getTask",
	}
	enumeratorFrames = []string{
		"org.apache.flink.runtime.source.coordinator.SourceCoordinator.toBytes",
		"org.apache.flink.runtime.source.coordinator.SourceCoordinator.lambda$checkpointCoordinator$7",
		"org.apache.flink.runtime.source.coordinator.SourceCoordinator.lambda$runInEventLoop$10",
	}
	metadataFrames = []string{
		"org.apache.flink.runtime.state.filesystem.FsCheckpointMetadataOutputStream.closeAndFinalizeCheckpoint",
		"org.apache.flink.runtime.checkpoint.PendingCheckpoint.finalizeCheckpoint",
		"org.apache.flink.runtime.checkpoint.CheckpointCoordinator.finalizeCheckpoint",
		"org.apache.flink.runtime.checkpoint.CheckpointCoordinator.receiveAcknowledgeMessage",
	}
	abortFrames = []string{
		"org.apache.flink.streaming.runtime.tasks.SubtaskCheckpointCoordinatorImpl.notifyCheckpointAborted",
		"org.apache.flink.streaming.runtime.tasks.StreamTask.lambda$notifyCheckpointAbortAsync$19",
		"org.apache.flink.streaming.runtime.tasks.mailbox.Mail.run",
	}
	legacyLoop = []string{
		"org.apache.flink.streaming.api.operators.StreamSource.run",
		"org.apache.flink.streaming.runtime.tasks.SourceStreamTask$LegacySourceFunctionThread.run",
	}
	lockWait = []string{
		"org.apache.flink.streaming.runtime.tasks.StreamTaskActionExecutor$SynchronizedStreamTaskActionExecutor.runThrowing",
		"org.apache.flink.streaming.runtime.tasks.mailbox.Mail.run",
	}
)

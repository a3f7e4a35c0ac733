package stacks

// The common parts of the stacks of a task, a pool thread and the JobManager's threads, as Flink 1.20.5 on JDK 17 has
// them; innermost frame first.
var (
	parked = frames(`
		java/jdk.internal.misc.Unsafe.park(Native Method)
		java/java.util.concurrent.locks.LockSupport.park(LockSupport.java:341)
		java/java.util.concurrent.locks.AbstractQueuedSynchronizer$ConditionNode.block(AbstractQueuedSynchronizer.java:506)
		java/java.util.concurrent.ForkJoinPool.unmanagedBlock(ForkJoinPool.java:3465)
		java/java.util.concurrent.ForkJoinPool.managedBlock(ForkJoinPool.java:3436)
		java/java.util.concurrent.locks.AbstractQueuedSynchronizer$ConditionObject.await(AbstractQueuedSynchronizer.java:1630)`)

	parkedTimed = frames(`
		java/jdk.internal.misc.Unsafe.park(Native Method)
		java/java.util.concurrent.locks.LockSupport.parkNanos(LockSupport.java:252)
		java/java.util.concurrent.locks.AbstractQueuedSynchronizer$ConditionObject.awaitNanos(AbstractQueuedSynchronizer.java:1679)`)

	poolIdle = frames(`
		java/java.util.concurrent.ThreadPoolExecutor.getTask(ThreadPoolExecutor.java:1062)
		java/java.util.concurrent.ThreadPoolExecutor.runWorker(ThreadPoolExecutor.java:1122)
		java/java.util.concurrent.ThreadPoolExecutor$Worker.run(ThreadPoolExecutor.java:635)
		java/java.lang.Thread.run(Thread.java:840)`)

	poolWork = frames(`
		java/java.util.concurrent.ThreadPoolExecutor.runWorker(ThreadPoolExecutor.java:1136)
		java/java.util.concurrent.ThreadPoolExecutor$Worker.run(ThreadPoolExecutor.java:635)
		java/java.lang.Thread.run(Thread.java:840)`)

	queueTake      = frames(`java/java.util.concurrent.LinkedBlockingQueue.take(LinkedBlockingQueue.java:435)`)
	queuePoll      = frames(`java/java.util.concurrent.LinkedBlockingQueue.poll(LinkedBlockingQueue.java:460)`)
	delayQueueTake = frames(`java/java.util.concurrent.ScheduledThreadPoolExecutor$DelayedWorkQueue.take(ScheduledThreadPoolExecutor.java:1182)`)

	mailboxWait = frames(`
		java/jdk.internal.misc.Unsafe.park(Native Method)
		java/java.util.concurrent.locks.LockSupport.parkNanos(LockSupport.java:252)
		java/java.util.concurrent.locks.AbstractQueuedSynchronizer$ConditionObject.await(AbstractQueuedSynchronizer.java:1764)
		flink/streaming.runtime.tasks.mailbox.TaskMailboxImpl.take(TaskMailboxImpl.java:149)
		flink/streaming.runtime.tasks.mailbox.MailboxProcessor.processMailsWhenDefaultActionUnavailable(MailboxProcessor.java:379)
		flink/streaming.runtime.tasks.mailbox.MailboxProcessor.processMail(MailboxProcessor.java:368)
		flink/streaming.runtime.tasks.mailbox.MailboxProcessor.runMailboxLoop(MailboxProcessor.java:229)`)

	taskRun = frames(`
		flink/streaming.runtime.tasks.StreamTask.runMailboxLoop(StreamTask.java:973)
		flink/streaming.runtime.tasks.StreamTask.invoke(StreamTask.java:917)
		flink/runtime.taskmanager.Task.runWithSystemExitMonitoring(Task.java:970)
		flink/runtime.taskmanager.Task.restoreAndInvoke(Task.java:949)
		flink/runtime.taskmanager.Task.doRun(Task.java:763)
		flink/runtime.taskmanager.Task.run(Task.java:575)
		java/java.lang.Thread.run(Thread.java:840)`)

	// runsMail is a task that executes a mail, e.g. a notification or a source's checkpoint trigger.
	runsMail = frames(`
		flink/streaming.runtime.tasks.mailbox.Mail.run(Mail.java:101)
		flink/streaming.runtime.tasks.mailbox.MailboxProcessor.runMail(MailboxProcessor.java:414)
		flink/streaming.runtime.tasks.mailbox.MailboxProcessor.processMailsWhenDefaultActionUnavailable(MailboxProcessor.java:383)
		flink/streaming.runtime.tasks.mailbox.MailboxProcessor.processMail(MailboxProcessor.java:368)
		flink/streaming.runtime.tasks.mailbox.MailboxProcessor.runMailboxLoop(MailboxProcessor.java:229)`)

	// readsInput is a task in its default action.
	readsInput = frames(`
		flink/streaming.runtime.io.StreamOneInputProcessor.processInput(StreamOneInputProcessor.java:65)
		flink/streaming.runtime.tasks.StreamTask.processInput(StreamTask.java:638)
		flink/streaming.runtime.tasks.mailbox.MailboxProcessor.runMailboxLoop(MailboxProcessor.java:231)`)

	// gotElement is a task that hands an element to its operator.
	gotElement = frames(`
		flink/streaming.runtime.tasks.OneInputStreamTask$StreamTaskNetworkOutput.emitRecord(OneInputStreamTask.java:238)
		flink/streaming.runtime.io.AbstractStreamTaskNetworkInput.processElement(AbstractStreamTaskNetworkInput.java:157)
		flink/streaming.runtime.io.AbstractStreamTaskNetworkInput.emitNext(AbstractStreamTaskNetworkInput.java:114)`)

	// gotBarrier is a task that has received the last barrier.
	gotBarrier = frames(`
		flink/streaming.runtime.tasks.StreamTask.lambda$performCheckpoint$18(StreamTask.java:1437)
		flink/streaming.runtime.tasks.StreamTaskActionExecutor$1.runThrowing(StreamTaskActionExecutor.java:50)
		flink/streaming.runtime.tasks.StreamTask.performCheckpoint(StreamTask.java:1425)
		flink/streaming.runtime.tasks.StreamTask.triggerCheckpointOnBarrier(StreamTask.java:1382)
		flink/streaming.runtime.io.checkpointing.CheckpointBarrierHandler.notifyCheckpoint(CheckpointBarrierHandler.java:147)
		flink/streaming.runtime.io.checkpointing.SingleCheckpointBarrierHandler.triggerCheckpoint(SingleCheckpointBarrierHandler.java:287)
		flink/streaming.runtime.io.checkpointing.SingleCheckpointBarrierHandler$ControllerImpl.triggerGlobalCheckpoint(SingleCheckpointBarrierHandler.java:488)
		flink/streaming.runtime.io.checkpointing.AbstractAlignedBarrierHandlerState.triggerGlobalCheckpoint(AbstractAlignedBarrierHandlerState.java:74)
		flink/streaming.runtime.io.checkpointing.AbstractAlignedBarrierHandlerState.barrierReceived(AbstractAlignedBarrierHandlerState.java:66)
		flink/streaming.runtime.io.checkpointing.SingleCheckpointBarrierHandler.processBarrier(SingleCheckpointBarrierHandler.java:231)
		flink/streaming.runtime.io.checkpointing.CheckpointedInputGate.handleEvent(CheckpointedInputGate.java:181)
		flink/streaming.runtime.io.checkpointing.CheckpointedInputGate.pollNext(CheckpointedInputGate.java:159)
		flink/streaming.runtime.io.AbstractStreamTaskNetworkInput.emitNext(AbstractStreamTaskNetworkInput.java:122)`)

	beforeBarrier = frames(`
		flink/streaming.runtime.tasks.RegularOperatorChain.prepareSnapshotPreBarrier(RegularOperatorChain.java:89)
		flink/streaming.runtime.tasks.SubtaskCheckpointCoordinatorImpl.checkpointState(SubtaskCheckpointCoordinatorImpl.java:332)`)

	syncPart = frames(`
		flink/streaming.api.operators.StreamOperatorStateHandler.snapshotState(StreamOperatorStateHandler.java:258)
		flink/streaming.api.operators.AbstractStreamOperator.snapshotState(AbstractStreamOperator.java:395)
		flink/streaming.runtime.tasks.RegularOperatorChain.checkpointStreamOperator(RegularOperatorChain.java:228)
		flink/streaming.runtime.tasks.RegularOperatorChain.snapshotState(RegularOperatorChain.java:192)
		flink/streaming.runtime.tasks.SubtaskCheckpointCoordinatorImpl.takeSnapshotSync(SubtaskCheckpointCoordinatorImpl.java:751)
		flink/streaming.runtime.tasks.SubtaskCheckpointCoordinatorImpl.checkpointState(SubtaskCheckpointCoordinatorImpl.java:361)`)

	notified = frames(`
		flink/streaming.runtime.tasks.StreamOperatorWrapper.notifyCheckpointComplete(StreamOperatorWrapper.java:104)
		flink/streaming.runtime.tasks.RegularOperatorChain.notifyCheckpointComplete(RegularOperatorChain.java:104)
		flink/streaming.runtime.tasks.SubtaskCheckpointCoordinatorImpl.notifyCheckpoint(SubtaskCheckpointCoordinatorImpl.java:512)
		flink/streaming.runtime.tasks.SubtaskCheckpointCoordinatorImpl.notifyCheckpointComplete(SubtaskCheckpointCoordinatorImpl.java:443)
		flink/streaming.runtime.tasks.StreamTask.notifyCheckpointComplete(StreamTask.java:1544)
		flink/streaming.runtime.tasks.StreamTask.lambda$notifyCheckpointOperation$22(StreamTask.java:1520)`)

	asyncPart = frames(`
		flink/runtime.state.SnapshotStrategyRunner$1.callInternal(SnapshotStrategyRunner.java:91)
		flink/runtime.state.SnapshotStrategyRunner$1.callInternal(SnapshotStrategyRunner.java:88)
		flink/runtime.state.AsyncSnapshotCallable.call(AsyncSnapshotCallable.java:78)
		java/java.util.concurrent.FutureTask.run(FutureTask.java:264)
		flink/util.concurrent.FutureUtils.runIfNotDoneAndGet(FutureUtils.java:508)
		flink/streaming.api.operators.OperatorSnapshotFinalizer.<init>(OperatorSnapshotFinalizer.java:54)
		flink/streaming.runtime.tasks.AsyncCheckpointRunnable.finalizeNonFinishedSnapshots(AsyncCheckpointRunnable.java:191)
		flink/streaming.runtime.tasks.AsyncCheckpointRunnable.run(AsyncCheckpointRunnable.java:124)
		flink/util.MdcUtils.lambda$wrapRunnable$1(MdcUtils.java:70)`)

	heapWrite = frames(`
		flink/runtime.state.filesystem.FsCheckpointStreamFactory$FsCheckpointStateOutputStream.flushToFile(FsCheckpointStreamFactory.java:312)
		flink/runtime.state.filesystem.FsCheckpointStreamFactory$FsCheckpointStateOutputStream.write(FsCheckpointStreamFactory.java:284)
		flink/runtime.util.ForwardingOutputStream.write(ForwardingOutputStream.java:52)
		flink/runtime.state.heap.CopyOnWriteStateMapSnapshot.writeState(CopyOnWriteStateMapSnapshot.java:147)
		flink/runtime.state.heap.AbstractStateTableSnapshot.writeStateInKeyGroup(AbstractStateTableSnapshot.java:116)
		flink/runtime.state.heap.HeapSnapshotStrategy.lambda$asyncSnapshot$3(HeapSnapshotStrategy.java:172)`)

	rocksWrite = frames(`
		flink/runtime.state.filesystem.FsCheckpointStreamFactory$FsCheckpointStateOutputStream.flushToFile(FsCheckpointStreamFactory.java:312)
		flink/runtime.state.filesystem.FsCheckpointStreamFactory$FsCheckpointStateOutputStream.write(FsCheckpointStreamFactory.java:284)
		flink/runtime.util.ForwardingOutputStream.write(ForwardingOutputStream.java:52)
		flink/runtime.state.FullSnapshotAsyncWriter.writeKeyValuePair(FullSnapshotAsyncWriter.java:185)
		flink/runtime.state.FullSnapshotAsyncWriter.writeKVStateData(FullSnapshotAsyncWriter.java:169)
		flink/runtime.state.FullSnapshotAsyncWriter.get(FullSnapshotAsyncWriter.java:82)`)

	discardCompleted = frames(`
		flink/core.fs.PluginFileSystemFactory$ClassLoaderFixingFileSystem.delete(PluginFileSystemFactory.java:155)
		flink/runtime.state.filesystem.FileStateHandle.discardState(FileStateHandle.java:85)
		flink/runtime.checkpoint.CompletedCheckpoint$CompletedCheckpointDiscardObject.lambda$discardAsync$1(CompletedCheckpoint.java:395)
		flink/util.MdcUtils.lambda$wrapRunnable$1(MdcUtils.java:70)`)

	discardShared = frames(`
		flink/core.fs.PluginFileSystemFactory$ClassLoaderFixingFileSystem.delete(PluginFileSystemFactory.java:155)
		flink/runtime.state.filesystem.FileStateHandle.discardState(FileStateHandle.java:85)
		flink/runtime.state.SharedStateRegistryImpl$AsyncDisposalRunnable.run(SharedStateRegistryImpl.java:396)`)

	discardPending = frames(`
		flink/core.fs.PluginFileSystemFactory$ClassLoaderFixingFileSystem.delete(PluginFileSystemFactory.java:155)
		flink/runtime.state.filesystem.FsCheckpointStorageLocation.disposeOnFailure(FsCheckpointStorageLocation.java:117)
		flink/runtime.checkpoint.PendingCheckpoint$PendingCheckpointDiscardObject.lambda$discardAsync$2(PendingCheckpoint.java:689)
		flink/util.MdcUtils.lambda$wrapRunnable$1(MdcUtils.java:70)`)

	writeMetadata = frames(`
		flink/runtime.state.filesystem.FsCheckpointMetadataOutputStream.closeAndFinalizeCheckpoint(FsCheckpointMetadataOutputStream.java:134)
		flink/runtime.checkpoint.PendingCheckpoint.finalizeCheckpoint(PendingCheckpoint.java:333)
		flink/runtime.checkpoint.CheckpointCoordinator.finalizeCheckpoint(CheckpointCoordinator.java:1480)
		flink/runtime.checkpoint.CheckpointCoordinator.receiveAcknowledgeMessage(CheckpointCoordinator.java:1226)
		flink/runtime.scheduler.ExecutionGraphHandler.lambda$processCheckpointCoordinatorMessage$4(ExecutionGraphHandler.java:139)`)

	processAck = frames(`
		flink/runtime.checkpoint.CheckpointCoordinator.receiveAcknowledgeMessage(CheckpointCoordinator.java:1209)
		flink/runtime.scheduler.ExecutionGraphHandler.lambda$acknowledgeCheckpoint$1(ExecutionGraphHandler.java:102)
		flink/runtime.scheduler.ExecutionGraphHandler.lambda$processCheckpointCoordinatorMessage$4(ExecutionGraphHandler.java:139)
		flink/util.MdcUtils.lambda$wrapRunnable$1(MdcUtils.java:70)`)

	coordinatorWork = frames(`
		flink/runtime.source.coordinator.SourceCoordinator.toBytes(SourceCoordinator.java:577)
		flink/runtime.source.coordinator.SourceCoordinator.lambda$checkpointCoordinator$7(SourceCoordinator.java:421)
		flink/runtime.source.coordinator.SourceCoordinator.lambda$runInEventLoop$10(SourceCoordinator.java:530)
		flink/util.ThrowableCatchingRunnable.run(ThrowableCatchingRunnable.java:40)
		java/java.util.concurrent.Executors$RunnableAdapter.call(Executors.java:539)
		java/java.util.concurrent.FutureTask.run(FutureTask.java:264)`)
)

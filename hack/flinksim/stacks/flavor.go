package stacks

// Flavor is what a job is made of, as far as its stacks show it: the connector, library or user class in which a thread is
// found when it flushes, commits and so on. Each is a list of frames, innermost first.
type Flavor struct {
	Legacy     bool     // the source is a legacy source, with a thread of its own that holds the checkpoint lock
	Source     []string // a source that does not come back
	User       []string // a function in one call
	SlowSink   []string // a sink working off one record
	Flush      []string // a sink flushing before the barrier
	Commit     []string // a sink committing after a checkpoint
	Snapshot   []string // the synchronous part of a stateful operator
	Write      []string // the state backend's writer
	Upload     []string // the file system below it, writing
	Delete     []string // the file system, deleting
	Enumerator []string // a source's enumerator writing its state
	Exception  string   // what a throwing snapshot throws
	InNative   bool     // Snapshot is in native code
}

var socketRead = frames(`
	java/sun.nio.ch.Net.poll(Native Method)
	java/sun.nio.ch.NioSocketImpl.park(NioSocketImpl.java:191)
	java/sun.nio.ch.NioSocketImpl.timedRead(NioSocketImpl.java:280)
	java/sun.nio.ch.NioSocketImpl.implRead(NioSocketImpl.java:304)
	java/java.net.Socket$SocketInputStream.read(Socket.java:966)`)

// Plain is a job on a local file system with nothing special.
func Plain() Flavor {
	return Flavor{
		Write: heapWrite,
		Upload: frames(`
			java/java.io.FileOutputStream.writeBytes(Native Method)
			java/java.io.FileOutputStream.write(FileOutputStream.java:349)
			flink/core.fs.local.LocalDataOutputStream.write(LocalDataOutputStream.java:64)`),
		Delete: frames(`
			java/sun.nio.fs.UnixNativeDispatcher.unlink(Native Method)
			flink/core.fs.local.LocalFileSystem.delete(LocalFileSystem.java:172)`),
		Snapshot: frames(`flink/runtime.state.heap.HeapSnapshotStrategy.syncPrepareResources(HeapSnapshotStrategy.java:77)`),
	}
}

// S3 is a job that writes to S3 through Flink's Presto file system.
func S3() Flavor {
	f := Plain()
	f.Upload = joined(socketRead, frames(`
		com.amazonaws.http.AmazonHttpClient$RequestExecutor.executeOneRequest(AmazonHttpClient.java:1346)
		com.amazonaws.http.AmazonHttpClient$RequestExecutor.execute(AmazonHttpClient.java:770)
		com.amazonaws.services.s3.AmazonS3Client.uploadPart(AmazonS3Client.java:3891)
		com.facebook.presto.hive.s3.PrestoS3FileSystem$PrestoS3OutputStream.write(PrestoS3FileSystem.java:1213)
		org.apache.flink.fs.s3presto.common.HadoopDataOutputStream.write(HadoopDataOutputStream.java:47)
		flink/core.fs.FSDataOutputStreamWrapper.write(FSDataOutputStreamWrapper.java:65)`))
	f.Delete = joined(socketRead, frames(`
		com.amazonaws.http.AmazonHttpClient$RequestExecutor.executeOneRequest(AmazonHttpClient.java:1346)
		com.amazonaws.services.s3.AmazonS3Client.deleteObject(AmazonS3Client.java:2378)
		com.facebook.presto.hive.s3.PrestoS3FileSystem.deleteObject(PrestoS3FileSystem.java:723)
		com.facebook.presto.hive.s3.PrestoS3FileSystem.delete(PrestoS3FileSystem.java:587)
		org.apache.flink.fs.s3presto.common.HadoopFileSystem.delete(HadoopFileSystem.java:160)`))
	return f
}

// RocksDB puts the state of a flavor into RocksDB.
func RocksDB(f Flavor) Flavor {
	f.Write = rocksWrite
	f.InNative = true
	f.Snapshot = frames(`
		org.rocksdb.Checkpoint.createCheckpoint(Native Method)
		org.rocksdb.Checkpoint.createCheckpoint(Checkpoint.java:51)
		flink/contrib.streaming.state.snapshot.RocksDBSnapshotStrategyBase.takeDBNativeCheckpoint(RocksDBSnapshotStrategyBase.java:175)
		flink/contrib.streaming.state.snapshot.RocksDBSnapshotStrategyBase.syncPrepareResources(RocksDBSnapshotStrategyBase.java:157)
		flink/runtime.state.SnapshotStrategyRunner.snapshot(SnapshotStrategyRunner.java:76)
		flink/contrib.streaming.state.RocksDBKeyedStateBackend.snapshot(RocksDBKeyedStateBackend.java:726)`)
	return f
}

// Elasticsearch is a job whose own sink sends one bulk request a record.
func Elasticsearch() Flavor {
	f := S3()
	f.SlowSink = joined(socketRead, frames(`
		org.elasticsearch.client.RestClient.performRequest(RestClient.java:286)
		org.elasticsearch.client.RestHighLevelClient.bulk(RestHighLevelClient.java:604)
		com.acme.orders.OrderIndexSink.invoke(OrderIndexSink.java:58)
		flink/streaming.api.operators.StreamSink.processElement(StreamSink.java:54)`))
	return f
}

// KafkaSink is a job with a Kafka sink (Sink V2) whose brokers are slow.
func KafkaSink() Flavor {
	f := S3()
	f.SlowSink = joined(frames(`
		java/java.lang.Object.wait(Native Method)
		org.apache.kafka.clients.producer.internals.BufferPool.allocate(BufferPool.java:157)
		org.apache.kafka.clients.producer.internals.RecordAccumulator.append(RecordAccumulator.java:306)
		org.apache.kafka.clients.producer.KafkaProducer.doSend(KafkaProducer.java:1019)
		org.apache.flink.connector.kafka.sink.KafkaWriter.write(KafkaWriter.java:189)
		flink/streaming.runtime.operators.sink.SinkWriterOperator.processElement(SinkWriterOperator.java:201)`))
	return f
}

// BlockingLookup is a job whose function asks a service and waits without a timeout.
func BlockingLookup() Flavor {
	f := S3()
	f.User = joined(socketRead, frames(`
		okhttp3.internal.http1.Http1ExchangeCodec.readResponseHeaders(Http1ExchangeCodec.kt:180)
		okhttp3.internal.connection.RealCall.execute(RealCall.kt:154)
		com.acme.scoring.BureauClient.fetch(BureauClient.java:71)
		com.acme.scoring.ScoreFunction.processElement(ScoreFunction.java:44)
		flink/streaming.api.operators.KeyedProcessOperator.processElement(KeyedProcessOperator.java:83)`))
	return f
}

// ThrowingSnapshot is a job whose function throws from snapshotState.
func ThrowingSnapshot() Flavor {
	f := S3()
	f.Exception = "java.lang.IllegalStateException: pending refunds were not flushed\n" +
		"\tat com.acme.returns.RefundFunction.snapshotState(RefundFunction.java:97)\n"
	return f
}

// JDBC is a job with a JDBC sink (Sink V2) on a slow database.
func JDBC() Flavor {
	f := S3()
	f.Flush = joined(socketRead, frames(`
		org.postgresql.core.VisibleBufferedInputStream.readMore(VisibleBufferedInputStream.java:161)
		org.postgresql.core.v3.QueryExecutorImpl.processResults(QueryExecutorImpl.java:2155)
		org.postgresql.jdbc.PgStatement.executeBatch(PgStatement.java:881)
		org.apache.flink.connector.jdbc.internal.executor.SimpleBatchStatementExecutor.executeBatch(SimpleBatchStatementExecutor.java:68)
		org.apache.flink.connector.jdbc.internal.JdbcOutputFormat.attemptFlush(JdbcOutputFormat.java:231)
		org.apache.flink.connector.jdbc.internal.JdbcOutputFormat.flush(JdbcOutputFormat.java:208)
		org.apache.flink.connector.jdbc.core.datastream.sink.writer.JdbcWriter.flush(JdbcWriter.java:126)
		flink/streaming.runtime.operators.sink.SinkWriterOperator.prepareSnapshotPreBarrier(SinkWriterOperator.java:190)`))
	return f
}

// LegacyCDC is a job with a change data capture source of the old kind, which holds the checkpoint lock while it reads the
// table for the first time.
func LegacyCDC() Flavor {
	f := S3()
	f.Legacy = true
	f.Source = joined(socketRead, frames(`
		com.mysql.cj.protocol.FullReadInputStream.readFully(FullReadInputStream.java:64)
		com.mysql.cj.jdbc.result.ResultSetImpl.next(ResultSetImpl.java:1805)
		io.debezium.connector.mysql.MySqlSnapshotChangeEventSource.createDataEventsForTable(MySqlSnapshotChangeEventSource.java:521)
		com.ververica.cdc.debezium.internal.DebeziumChangeFetcher.runFetchLoop(DebeziumChangeFetcher.java:151)`))
	return f
}

// TableCommitter is a job that commits to a table format after each checkpoint.
func TableCommitter() Flavor {
	f := S3()
	f.Commit = joined(socketRead, frames(`
		org.apache.iceberg.hive.HiveTableOperations.doCommit(HiveTableOperations.java:217)
		org.apache.iceberg.BaseMetastoreTableOperations.commit(BaseMetastoreTableOperations.java:125)
		org.apache.iceberg.SnapshotProducer.commit(SnapshotProducer.java:384)
		org.apache.iceberg.flink.sink.IcebergFilesCommitter.commitOperation(IcebergFilesCommitter.java:363)
		org.apache.iceberg.flink.sink.IcebergFilesCommitter.commitUpToCheckpoint(IcebergFilesCommitter.java:256)
		org.apache.iceberg.flink.sink.IcebergFilesCommitter.notifyCheckpointComplete(IcebergFilesCommitter.java:213)`))
	return f
}

// FileEnumerator is a job whose source's enumerator lists a large directory while it should write its state.
func FileEnumerator() Flavor {
	f := S3()
	f.Enumerator = joined(socketRead, frames(`
		com.amazonaws.services.s3.AmazonS3Client.listObjectsV2(AmazonS3Client.java:946)
		org.apache.flink.connector.file.src.enumerate.NonSplittingRecursiveEnumerator.enumerateSplits(NonSplittingRecursiveEnumerator.java:82)
		org.apache.flink.connector.file.src.impl.ContinuousFileSplitEnumerator.snapshotState(ContinuousFileSplitEnumerator.java:141)`))
	return f
}

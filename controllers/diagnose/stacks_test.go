package diagnose

import (
	"slices"
	"testing"

	"checkpointhealth.dev/operator/controllers/model"
)

func testClassifier(t *testing.T) *classifier {
	t.Helper()
	data, err := parseStackData(stacksYAML)
	if err != nil {
		t.Fatal(err)
	}
	return newClassifier(data)
}

func stack(parts ...[]string) model.ThreadStack {
	return model.ThreadStack{State: "RUNNABLE", Frames: slices.Concat(parts...)}
}

func TestWhatAThreadIsDoing(t *testing.T) {
	socket := []string{"sun.nio.ch.Net.poll", "java.net.Socket$SocketInputStream.read"}
	tests := []struct {
		name    string
		stack   model.ThreadStack
		place   place
		kind    kind
		library string
		method  string
	}{
		{"waits in the mailbox", stack(mailboxFrames, taskFrames), mailbox, unknownKind, "", ""},
		{"a pool thread without work", stack(poolFrames), nowhere, unknownKind, "", ""},
		{"user function", stack([]string{"java.lang.Thread.sleep", "com.shop.Enrich.lookup", "com.shop.Enrich.processElement"}, elementFrames, taskFrames),
			inElement, userKind, "", "Enrich.processElement"},
		{"user function that waits for a driver", stack(socket, []string{"com.mysql.cj.jdbc.ClientPreparedStatement.executeQuery", "com.shop.Enrich.processElement"}, elementFrames, taskFrames),
			inElement, userKind, "MySQL", "Enrich.processElement"},
		{"user function in a state backend", stack([]string{"org.rocksdb.RocksDB.get", "org.apache.flink.contrib.streaming.state.RocksDBValueState.value", "com.shop.Enrich.processElement"}, elementFrames, taskFrames),
			inElement, userKind, "RocksDB", "Enrich.processElement"},
		{"code that Flink SQL generated", stack([]string{"StreamExecCalc$12.processElement"}, elementFrames, taskFrames), inElement, sqlKind, "Flink SQL", ""},
		{"snapshotState of the user's", stack([]string{"java.lang.Thread.sleep", "com.shop.Enrich.snapshotState"}, syncFrames, taskFrames), inSnapshot, userKind, "", "Enrich.snapshotState"},
		{"RocksDB in native code", stack([]string{"org.rocksdb.Checkpoint.createCheckpoint", "org.apache.flink.contrib.streaming.state.snapshot.RocksDBSnapshotStrategyBase.takeDBNativeCheckpoint"}, syncFrames, taskFrames),
			inSnapshot, backendKind, "RocksDB", ""},
		{"JDBC sink flushing", stack(socket, []string{"org.postgresql.jdbc.PgStatement.executeBatch", "org.apache.flink.connector.jdbc.internal.JdbcOutputFormat.flush",
			"org.apache.flink.connector.jdbc.core.datastream.sink.writer.JdbcWriter.flush"}, flushFrames, taskFrames), beforeBarrier, connectorKind, "JDBC (PostgreSQL)", ""},
		{"asynchronous sink that yields until its requests are answered", stack(mailboxFrames[:4], []string{"org.apache.flink.streaming.runtime.tasks.mailbox.MailboxExecutorImpl.yield",
			"org.apache.flink.connector.base.sink.writer.AsyncSinkWriter.flush"}, flushFrames, taskFrames), beforeBarrier, unknownKind, "", ""},
		{"Iceberg committing", stack(socket, []string{"org.apache.iceberg.hive.HiveTableOperations.doCommit", "org.apache.iceberg.flink.sink.IcebergFilesCommitter.notifyCheckpointComplete"}, commitFrames, taskFrames),
			inCommit, connectorKind, "Iceberg", ""},
		{"bundle that hands elements on before the barrier", stack([]string{"com.shop.Out.processElement", "org.apache.flink.streaming.runtime.tasks.ChainingOutput.pushToOperator"}, flushFrames, taskFrames),
			beforeBarrier, userKind, "", "Out.processElement"},
		{"waits for buffers", stack([]string{"org.apache.flink.runtime.io.network.buffer.LocalBufferPool.requestMemorySegmentBlocking"}, elementFrames, taskFrames), inBuffers, unknownKind, "", ""},
		{"source that reads", stack([]string{"java.lang.Thread.sleep", "com.shop.Files.pollNext"}, sourceFrames, taskFrames), inSource, userKind, "", "Files.pollNext"},
		{"upload to S3 with the Presto plugin", stack(socket, []string{"com.amazonaws.http.AmazonHttpClient.execute", "com.facebook.presto.hive.s3.PrestoS3FileSystem$PrestoS3OutputStream.write"}, asyncFrames),
			inUpload, filesystemKind, "S3", ""},
		{"upload to a file system of the user's", stack([]string{"java.lang.Thread.sleep", "net.example.VendorStream.write"}, asyncFrames), inUpload, filesystemKind, "the file system", "VendorStream.write"},
		{"upload to HDFS", stack([]string{"java.lang.Object.wait", "org.apache.hadoop.hdfs.DataStreamer.waitForAckedSeqno", "org.apache.flink.runtime.fs.hdfs.HadoopDataOutputStream.close"}, asyncFrames),
			inUpload, filesystemKind, "HDFS", ""},
		{"delete in the JobManager", stack([]string{"java.lang.Thread.sleep", "net.example.VendorFileSystem.delete"}, deleteFrames), inDelete, filesystemKind, "the file system", "VendorFileSystem.delete"},
		{"metadata write", stack([]string{"org.apache.hadoop.fs.s3a.S3ABlockOutputStream.close"}, metadataFrames), inMetadata, filesystemKind, "S3", ""},
		{"enumerator", stack([]string{"java.lang.Thread.sleep", "com.shop.Lister.snapshotState"}, enumeratorFrames), inCoordinator, userKind, "", "Lister.snapshotState"},
		{"abort that deletes in the task's thread", stack([]string{"org.apache.hadoop.hdfs.DFSClient.delete"}, abortFrames, taskFrames), inAbort, filesystemKind, "HDFS", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := testClassifier(t).classify(&tt.stack)
			if a.place != tt.place || a.kind != tt.kind || a.names() != tt.library || a.method != tt.method {
				t.Errorf("got place %q kind %q library %q method %q, want %q %q %q %q", a.place, a.kind, a.names(), a.method, tt.place, tt.kind, tt.library, tt.method)
			}
		})
	}
}

// The stacks that the incident reports name.
func TestStacksOfIncidents(t *testing.T) {
	tests := []struct {
		name, library string
		frames        []string
		place         place
	}{
		{"14: a StarRocks sink blocked in snapshotState for ever", "StarRocks", append([]string{"java.util.concurrent.LinkedBlockingDeque.put",
			"com.starrocks.connector.flink.manager.StarRocksSinkManager.flush", "com.starrocks.connector.flink.table.StarRocksDynamicSinkFunction.snapshotState"}, syncFrames...), inSnapshot},
		{"3: a PostgreSQL source queries every partition's schema", "CDC (Debezium) (PostgreSQL)", append([]string{"org.postgresql.jdbc.PgDatabaseMetaData.getColumns",
			"io.debezium.jdbc.JdbcConnection.readSchema"}, sourceFrames...), inSource},
		{"9: Iceberg's monitor sleeps in the task thread", "Iceberg", append([]string{"java.lang.Thread.sleep", "org.apache.iceberg.flink.source.StreamingMonitorFunction.run"}, legacyLoop...), inSource},
		{"13: Hudi rewrites a bucket in snapshotState", "Hudi", append([]string{"org.apache.parquet.hadoop.ParquetWriter.write", "org.apache.hudi.io.HoodieMergeHandle.write",
			"org.apache.hudi.sink.bucket.BucketStreamWriteFunction.snapshotState"}, syncFrames...), inSnapshot},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := testClassifier(t).classify(&model.ThreadStack{Frames: tt.frames})
			if a.place != tt.place || a.names() != tt.library || a.kind != connectorKind {
				t.Errorf("got place %q library %q kind %q, want %q %q connector", a.place, a.names(), a.kind, tt.place, tt.library)
			}
		})
	}
}

func TestAMonitorNamesItsHolder(t *testing.T) {
	thread := stack(lockWait, taskFrames)
	thread.State, thread.BlockedOn, thread.Holder = "BLOCKED", "java.lang.Object", "Legacy Source Thread - Source: orders (1/2)#0"
	a := testClassifier(t).classify(&thread)
	if a.idle() || a.holder != thread.Holder || a.blockedOn != "java.lang.Object" {
		t.Errorf("a thread that is blocked by another is not idle: %+v", a)
	}
}

func TestStuckIsTheSameSpot(t *testing.T) {
	sleeping := stack([]string{"java.lang.Thread.sleep", "com.shop.Enrich.processElement"}, elementFrames)
	parked := stack([]string{"jdk.internal.misc.Unsafe.park", "java.util.concurrent.locks.LockSupport.park", "com.shop.Enrich.processElement"}, elementFrames)
	other := stack([]string{"com.shop.Enrich.parse", "com.shop.Enrich.processElement"}, elementFrames)
	if !sameStack(&sleeping, &parked) {
		t.Error("the JDK's own innermost frames are no difference")
	}
	if sameStack(&sleeping, &other) {
		t.Error("another method of the user's is another spot")
	}
	if sameStack(&model.ThreadStack{}, &model.ThreadStack{}) {
		t.Error("no frames are no spot")
	}
}

// No rule may know the laboratory's names: its classes are the user's own.
func TestUnknownClassesAreTheUsers(t *testing.T) {
	data, err := parseStackData(stacksYAML)
	if err != nil {
		t.Fatal(err)
	}
	for prefix := range data.libraries {
		for _, word := range []string{"lab", "acme", "example"} {
			if prefix == word || len(prefix) > len(word) && prefix[:len(word)+1] == word+"." {
				t.Errorf("stacks.yaml knows %q", prefix)
			}
		}
	}
	if l := data.library("lab.Whatever.run"); l.Kind != unknownKind {
		t.Errorf("lab.Whatever is %v", l)
	}
}

func TestBadStackData(t *testing.T) {
	for _, text := range []string{"libraries: [{prefix: a, kind: jdk}, {prefix: a, kind: jdk}]", "libraries: [{prefix: a}]", "libraries: 3", "unknown: []"} {
		if _, err := parseStackData([]byte(text)); err == nil {
			t.Errorf("%q was accepted", text)
		}
	}
}

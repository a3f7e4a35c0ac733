package com.acme.orders;

import com.acme.client.Work;
import com.acme.feed.Options;
import java.io.IOException;
import java.util.Collection;
import java.util.Collections;
import org.apache.flink.api.connector.sink2.Committer;
import org.apache.flink.api.connector.sink2.CommitterInitContext;
import org.apache.flink.api.connector.sink2.CommittingSinkWriter;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.SupportsCommitter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/** A sink that writes and commits, as Flink 2 declares it. Step sink: with each entry. commit-ms: how long its committer publishes. */
final class Ledger implements Sink<Tuple2<Integer, byte[]>>, SupportsCommitter<Integer> {
    private static final long serialVersionUID = 1L;

    private final Options options;

    Ledger(Options options) {
        this.options = options;
    }

    @Override
    public SinkWriter<Tuple2<Integer, byte[]>> createWriter(WriterInitContext ctx) {
        return new Writer(new Work(options, "sink"), ctx.getTaskInfo().getIndexOfThisSubtask());
    }

    @Override
    public Committer<Integer> createCommitter(CommitterInitContext ctx) {
        return new Publisher(options);
    }

    @Override
    public SimpleVersionedSerializer<Integer> getCommittableSerializer() {
        return new Publisher.Numbers();
    }

    private static final class Writer implements CommittingSinkWriter<Tuple2<Integer, byte[]>, Integer> {
        private final Work work;
        private final int subtask;
        private int written;

        Writer(Work work, int subtask) {
            this.work = work;
            this.subtask = subtask;
        }

        @Override
        public void write(Tuple2<Integer, byte[]> order, Context ctx) throws IOException {
            try {
                work.on(subtask, order.f0);
            } catch (Exception e) {
                throw new IOException(e);
            }
            written++;
        }

        @Override
        public Collection<Integer> prepareCommit() {
            return Collections.singletonList(written);
        }

        @Override
        public void flush(boolean endOfInput) {}

        @Override
        public void close() {}
    }
}

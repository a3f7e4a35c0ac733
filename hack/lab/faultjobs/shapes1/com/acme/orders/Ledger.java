package com.acme.orders;

import com.acme.client.Work;
import com.acme.feed.Options;
import java.io.IOException;
import java.util.Collection;
import java.util.Collections;
import org.apache.flink.api.connector.sink2.Committer;
import org.apache.flink.api.connector.sink2.TwoPhaseCommittingSink;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/** A sink that writes and commits, as Flink 1 declares it. Step sink: with each entry. commit-ms: how long its committer publishes. */
final class Ledger implements TwoPhaseCommittingSink<Tuple2<Integer, byte[]>, Integer> {
    private static final long serialVersionUID = 1L;

    private final Options options;

    Ledger(Options options) {
        this.options = options;
    }

    @Override
    public PrecommittingSinkWriter<Tuple2<Integer, byte[]>, Integer> createWriter(InitContext ctx) {
        return new Writer(new Work(options, "sink"), ctx.getSubtaskId());
    }

    @Override
    public Committer<Integer> createCommitter() {
        return new Publisher(options);
    }

    @Override
    public SimpleVersionedSerializer<Integer> getCommittableSerializer() {
        return new Publisher.Numbers();
    }

    private static final class Writer implements PrecommittingSinkWriter<Tuple2<Integer, byte[]>, Integer> {
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

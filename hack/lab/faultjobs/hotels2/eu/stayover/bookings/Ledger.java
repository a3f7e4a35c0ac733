package eu.stayover.bookings;

import com.acme.feed.Options;
import java.io.IOException;
import java.util.Collection;
import java.util.Collections;
import org.apache.flink.api.connector.sink2.Committer;
import org.apache.flink.api.connector.sink2.CommitterInitContext;
import org.apache.flink.api.connector.sink2.CommittingSinkWriter;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SupportsCommitter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/** A sink that writes and commits, as Flink 2 declares it. Steps sink and charge. */
final class Ledger implements Sink<Tuple2<Integer, byte[]>>, SupportsCommitter<Integer> {
    private static final long serialVersionUID = 1L;

    private final Options options;

    Ledger(Options options) {
        this.options = options;
    }

    @Override
    public CommittingSinkWriter<Tuple2<Integer, byte[]>, Integer> createWriter(WriterInitContext ctx) {
        return new Writer(options, ctx.getTaskInfo().getIndexOfThisSubtask());
    }

    @Override
    public Committer<Integer> createCommitter(CommitterInitContext ctx) {
        return new Charge(options);
    }

    @Override
    public SimpleVersionedSerializer<Integer> getCommittableSerializer() {
        return new Numbers();
    }

    private static final class Writer implements CommittingSinkWriter<Tuple2<Integer, byte[]>, Integer> {
        private final Page page;

        Writer(Options options, int subtask) {
            page = new Page(options, subtask);
        }

        @Override
        public void write(Tuple2<Integer, byte[]> booking, Context ctx) throws IOException {
            page.write();
        }

        @Override
        public Collection<Integer> prepareCommit() {
            return Collections.singletonList(page.subtask());
        }

        @Override
        public void flush(boolean endOfInput) throws IOException {
            page.at("flush");
        }

        @Override
        public void close() {}
    }
}

package eu.stayover.bookings;

import com.acme.feed.Options;
import java.io.IOException;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import org.apache.flink.api.connector.sink2.StatefulSink;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/** A sink whose writer has state, as Flink 1 declares it. Step sink: write, flush, snapshot. */
final class Archive implements StatefulSink<Tuple2<Integer, byte[]>, Integer> {
    private static final long serialVersionUID = 1L;

    private final Options options;

    Archive(Options options) {
        this.options = options;
    }

    @Override
    public StatefulSinkWriter<Tuple2<Integer, byte[]>, Integer> createWriter(InitContext ctx) {
        return new Writer(options, ctx.getSubtaskId());
    }

    @Override
    public StatefulSinkWriter<Tuple2<Integer, byte[]>, Integer> restoreWriter(InitContext ctx, Collection<Integer> states) {
        return createWriter(ctx);
    }

    @Override
    public SimpleVersionedSerializer<Integer> getWriterStateSerializer() {
        return new Numbers();
    }

    private static final class Writer implements StatefulSinkWriter<Tuple2<Integer, byte[]>, Integer> {
        private final Page page;

        Writer(Options options, int subtask) {
            page = new Page(options, subtask);
        }

        @Override
        public void write(Tuple2<Integer, byte[]> booking, Context ctx) throws IOException {
            page.write();
        }

        @Override
        public void flush(boolean endOfInput) throws IOException {
            page.at("flush");
        }

        @Override
        public List<Integer> snapshotState(long checkpointId) throws IOException {
            page.at("snapshot");
            return Collections.singletonList(page.written());
        }

        @Override
        public void close() {}
    }
}

package gov.rivertown.permits;

import com.acme.feed.Options;
import java.io.IOException;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.StatefulSink;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.table.connector.sink.SinkFunctionProvider;
import org.apache.flink.table.connector.sink.DynamicTableSink.SinkRuntimeProvider;
import org.apache.flink.table.connector.sink.SinkV2Provider;
import org.apache.flink.table.data.RowData;

/** A writer of the register, as Flink 1 declares it. */
final class Entries implements StatefulSink<RowData, Integer> {
    private static final long serialVersionUID = 1L;

    private final Options options;

    private Entries(Options options) {
        this.options = options;
    }

    static Sink<RowData> sink(Options options) {
        return new Entries(options);
    }

    static SinkRuntimeProvider provider(Options options) {
        if (options.text("sink", "writer").equals("stamped")) {
            return SinkV2Provider.of(new Stamped(options));
        }
        return options.text("sink", "writer").equals("function") ? SinkFunctionProvider.of(new Posted(options)) : SinkV2Provider.of(sink(options));
    }

    @Override
    public StatefulSinkWriter<RowData, Integer> createWriter(InitContext ctx) {
        return new Writer(options, ctx.getSubtaskId());
    }

    @Override
    public StatefulSinkWriter<RowData, Integer> restoreWriter(InitContext ctx, Collection<Integer> counts) {
        return createWriter(ctx);
    }

    @Override
    public SimpleVersionedSerializer<Integer> getWriterStateSerializer() {
        return new Count();
    }

    private static final class Writer implements StatefulSinkWriter<RowData, Integer> {
        private final Desk desk;

        Writer(Options options, int subtask) {
            desk = new Desk(options, subtask);
        }

        @Override
        public void write(RowData row, Context ctx) throws IOException, InterruptedException {
            desk.enter();
        }

        @Override
        public void flush(boolean endOfInput) throws IOException {
            desk.at("flush");
        }

        @Override
        public List<Integer> snapshotState(long checkpointId) throws IOException {
            desk.at("snapshot");
            return Collections.singletonList(desk.entered());
        }

        @Override
        public void close() {
            desk.close();
        }
    }
}

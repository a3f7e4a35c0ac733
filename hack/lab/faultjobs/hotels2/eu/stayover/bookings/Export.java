package eu.stayover.bookings;

import com.acme.feed.Options;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.connector.sink2.StatefulSinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.connector.base.sink.AsyncSinkBase;
import org.apache.flink.connector.base.sink.writer.AsyncSinkWriter;
import org.apache.flink.connector.base.sink.writer.AsyncSinkWriterStateSerializer;
import org.apache.flink.connector.base.sink.writer.BufferedRequestState;
import org.apache.flink.connector.base.sink.writer.ElementConverter;
import org.apache.flink.connector.base.sink.writer.ResultHandler;
import org.apache.flink.connector.base.sink.writer.config.AsyncSinkWriterConfiguration;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/** Flink's own sink of batches that are sent without waiting, in Flink 2. sink-answer-ms: until a batch is confirmed (sink-answer-only). */
final class Export extends AsyncSinkBase<Tuple2<Integer, byte[]>, Integer> {
    private static final long serialVersionUID = 1L;
    private static final ElementConverter<Tuple2<Integer, byte[]>, Integer> KEY = (booking, ctx) -> booking.f0;

    private final Options options;

    Export(Options options) {
        super(KEY, 500, 2, 2000, 1 << 20, 60_000, 1 << 16);
        this.options = options;
    }

    @Override
    public StatefulSinkWriter<Tuple2<Integer, byte[]>, BufferedRequestState<Integer>> createWriter(WriterInitContext ctx) {
        return new Writer(options, ctx, Collections.emptyList());
    }

    @Override
    public StatefulSinkWriter<Tuple2<Integer, byte[]>, BufferedRequestState<Integer>> restoreWriter(WriterInitContext ctx, Collection<BufferedRequestState<Integer>> states) {
        return new Writer(options, ctx, states);
    }

    @Override
    public SimpleVersionedSerializer<BufferedRequestState<Integer>> getWriterStateSerializer() {
        return new States();
    }

    private static final class Writer extends AsyncSinkWriter<Tuple2<Integer, byte[]>, Integer> {
        private final Options options;
        private final int subtask;

        Writer(Options options, WriterInitContext ctx, Collection<BufferedRequestState<Integer>> states) {
            super(KEY, ctx, AsyncSinkWriterConfiguration.builder().setMaxBatchSize(500).setMaxBatchSizeInBytes(1 << 20).setMaxInFlightRequests(2).setMaxBufferedRequests(2000)
                    .setMaxTimeInBufferMS(60_000).setMaxRecordSizeInBytes(1 << 16).build(), states);
            this.options = options;
            subtask = ctx.getTaskInfo().getIndexOfThisSubtask();
        }

        @Override
        protected void submitRequestEntries(List<Integer> batch, ResultHandler<Integer> answer) {
            long only = options.number("sink-answer-only", -1);
            long ms = options.active() && (only < 0 || only == subtask) ? options.number("sink-answer-ms", 0) : 0;
            CompletableFuture.delayedExecutor(ms, TimeUnit.MILLISECONDS).execute(() -> answer.complete());
        }

        @Override
        protected long getSizeInBytes(Integer key) {
            return 4;
        }
    }

    private static final class States extends AsyncSinkWriterStateSerializer<Integer> {
        @Override
        protected void serializeRequestToStream(Integer key, DataOutputStream out) throws IOException {
            out.writeInt(key);
        }

        @Override
        protected Integer deserializeRequestFromStream(long size, DataInputStream in) throws IOException {
            return in.readInt();
        }

        @Override
        public int getVersion() {
            return 1;
        }
    }
}

package eu.stayover.bookings;

import com.acme.feed.Options;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceOutput;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SourceSplit;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.connector.base.source.reader.RecordEmitter;
import org.apache.flink.connector.base.source.reader.RecordsBySplits;
import org.apache.flink.connector.base.source.reader.RecordsWithSplitIds;
import org.apache.flink.connector.base.source.reader.SingleThreadMultiplexSourceReaderBase;
import org.apache.flink.connector.base.source.reader.splitreader.SplitReader;
import org.apache.flink.connector.base.source.reader.splitreader.SplitsChange;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/** A source that fetches in a thread of its own, as connectors do, and reads what was fetched in the task's: step tape. rate: messages a second and subtask. */
final class Tape implements Source<Tuple2<Integer, byte[]>, Tape.Reel, Integer> {
    private static final long serialVersionUID = 1L;

    private final Options options;

    Tape(Options options) {
        this.options = options;
    }

    @Override
    public Boundedness getBoundedness() {
        return Boundedness.CONTINUOUS_UNBOUNDED;
    }

    @Override
    public SourceReader<Tuple2<Integer, byte[]>, Reel> createReader(SourceReaderContext ctx) {
        return new Reader(options, ctx);
    }

    @Override
    public SplitEnumerator<Reel, Integer> createEnumerator(SplitEnumeratorContext<Reel> ctx) {
        return new Shelf(ctx);
    }

    @Override
    public SplitEnumerator<Reel, Integer> restoreEnumerator(SplitEnumeratorContext<Reel> ctx, Integer state) {
        return new Shelf(ctx);
    }

    @Override
    public SimpleVersionedSerializer<Reel> getSplitSerializer() {
        return new SimpleVersionedSerializer<Reel>() {
            @Override
            public int getVersion() {
                return 1;
            }

            @Override
            public byte[] serialize(Reel r) {
                return r.id.getBytes();
            }

            @Override
            public Reel deserialize(int version, byte[] b) {
                return new Reel(new String(b));
            }
        };
    }

    @Override
    public SimpleVersionedSerializer<Integer> getEnumeratorCheckpointSerializer() {
        return new Numbers();
    }

    /** One for each reader. */
    static final class Reel implements SourceSplit, Serializable {
        private static final long serialVersionUID = 1L;
        private final String id;

        Reel(String id) {
            this.id = id;
        }

        @Override
        public String splitId() {
            return id;
        }
    }

    private static final class Reader extends SingleThreadMultiplexSourceReaderBase<Integer, Tuple2<Integer, byte[]>, Reel, Reel> {
        Reader(Options options, SourceReaderContext ctx) {
            super(() -> new Fetch(options), new Emit(options, ctx.getIndexOfSubtask()), ctx.getConfiguration(), ctx);
        }

        @Override
        protected void onSplitFinished(Map<String, Reel> finished) {}

        @Override
        protected Reel initializedState(Reel split) {
            return split;
        }

        @Override
        protected Reel toSplitType(String id, Reel state) {
            return state;
        }
    }

    private static final class Fetch implements SplitReader<Integer, Reel> {
        private final long rate;
        private final List<Reel> reels = new ArrayList<>();
        private int next;

        Fetch(Options options) {
            rate = Math.max(1, options.number("rate", 100));
        }

        @Override
        public RecordsWithSplitIds<Integer> fetch() {
            RecordsBySplits.Builder<Integer> batch = new RecordsBySplits.Builder<>();
            try {
                Thread.sleep(100);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return batch.build();
            }
            for (Reel r : reels) {
                for (long i = 0; i < Math.max(1, rate / 10); i++) {
                    batch.add(r, next++);
                }
            }
            return batch.build();
        }

        @Override
        public void handleSplitsChanges(SplitsChange<Reel> change) {
            reels.addAll(change.splits());
        }

        @Override
        public void wakeUp() {}

        @Override
        public void close() {}
    }

    private static final class Emit implements RecordEmitter<Integer, Tuple2<Integer, byte[]>, Reel> {
        private final Step step;
        private final int subtask;
        private final byte[] body;
        private final int keys;

        Emit(Options options, int subtask) {
            step = new Step(options, "tape");
            this.subtask = subtask;
            body = new byte[(int) options.number("message-bytes", 40)];
            keys = (int) options.number("keys", 1000);
        }

        @Override
        public void emitRecord(Integer n, SourceOutput<Tuple2<Integer, byte[]>> out, Reel state) throws Exception {
            step.on(subtask);
            out.collect(Tuple2.of(n % keys, body));
        }
    }

    private static final class Shelf implements SplitEnumerator<Reel, Integer> {
        private final SplitEnumeratorContext<Reel> ctx;

        Shelf(SplitEnumeratorContext<Reel> ctx) {
            this.ctx = ctx;
        }

        @Override
        public void start() {}

        @Override
        public void handleSplitRequest(int subtask, String host) {}

        @Override
        public void addSplitsBack(List<Reel> reels, int subtask) {}

        @Override
        public void addReader(int subtask) {
            ctx.assignSplit(new Reel("reel-" + subtask), subtask);
        }

        @Override
        public Integer snapshotState(long checkpointId) {
            return 0;
        }

        @Override
        public void close() {}
    }
}

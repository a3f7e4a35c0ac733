package org.example.pipeline;

import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SourceSplit;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.core.io.InputStatus;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;

/** A generator of events: each key once in order, then random keys, at a chosen rate. */
final class EventSource implements Source<Tuple2<Integer, byte[]>, EventSource.NoSplit, Integer> {
    private static final long serialVersionUID = 1L;

    private final Settings settings;

    EventSource(Settings settings) {
        this.settings = settings;
    }

    @Override
    public Boundedness getBoundedness() {
        return Boundedness.CONTINUOUS_UNBOUNDED;
    }

    @Override
    public SourceReader<Tuple2<Integer, byte[]>, NoSplit> createReader(SourceReaderContext ctx) {
        return new Reader(settings, ctx.getIndexOfSubtask());
    }

    @Override
    public SplitEnumerator<NoSplit, Integer> createEnumerator(SplitEnumeratorContext<NoSplit> ctx) {
        return new Coordinator(settings);
    }

    @Override
    public SplitEnumerator<NoSplit, Integer> restoreEnumerator(SplitEnumeratorContext<NoSplit> ctx, Integer state) {
        return new Coordinator(settings);
    }

    @Override
    public SimpleVersionedSerializer<NoSplit> getSplitSerializer() {
        return new Empty<>(null);
    }

    @Override
    public SimpleVersionedSerializer<Integer> getEnumeratorCheckpointSerializer() {
        return new Empty<>(0);
    }

    /** rate: records per second and subtask, 0 = as fast as possible, negative = none (idle). */
    private static final class Reader implements SourceReader<Tuple2<Integer, byte[]>, NoSplit> {
        private final Settings settings;
        private final int subtask;
        private final int keys;
        private final int parallelism;
        private final Random random;
        private final byte[] payload;
        private final long start = System.nanoTime();
        private long emitted;

        Reader(Settings settings, int subtask) {
            this.settings = settings;
            this.subtask = subtask;
            this.keys = (int) settings.number("keys", 1000);
            this.parallelism = (int) settings.number("parallelism", 2);
            this.random = new Random(subtask);
            this.payload = new byte[(int) settings.number("payload-bytes", 16)];
            random.nextBytes(payload);
        }

        @Override
        public InputStatus pollNext(ReaderOutput<Tuple2<Integer, byte[]>> out) throws Exception {
            long limit = settings.number("records", 0);
            if (limit > 0 && emitted >= limit) {
                return InputStatus.END_OF_INPUT;
            }
            if (!due()) {
                return InputStatus.NOTHING_AVAILABLE;
            }
            if (settings.hits(subtask)) {
                Settings.pause(settings.grown("source-block-ms")); // blocks the mailbox: no checkpoint can start here
            }
            out.collect(Tuple2.of(key(), payload));
            emitted++;
            return InputStatus.MORE_AVAILABLE;
        }

        private boolean due() {
            long rate = settings.number("rate", 1000);
            return rate == 0 || rate > 0 && emitted < rate * ((System.nanoTime() - start) / 1e9);
        }

        /** skew: share of the records whose key belongs to subtask 0 of the keyed operator. */
        private int key() {
            double skew = settings.share("skew");
            long inOrder = emitted * parallelism + subtask;
            if (skew == 0 && inOrder < keys) {
                return (int) inOrder;
            }
            int key = random.nextInt(keys);
            if (random.nextDouble() < skew) {
                while (KeyGroupRangeAssignment.assignKeyToParallelOperator(key, 128, parallelism) != 0) {
                    key = random.nextInt(keys);
                }
            }
            return key;
        }

        @Override
        public CompletableFuture<Void> isAvailable() {
            return CompletableFuture.runAsync(() -> {}, CompletableFuture.delayedExecutor(10, TimeUnit.MILLISECONDS));
        }

        @Override
        public List<NoSplit> snapshotState(long checkpointId) {
            if (settings.hits(subtask)) {
                describe(settings.grown("describe-ms"));
            }
            return Collections.emptyList();
        }

        /** Where a real source would write down all its splits: it works, and so long no record passes. */
        private void describe(long ms) {
            long end = System.nanoTime() + ms * 1_000_000;
            for (long n = 0; System.nanoTime() < end; n++) {
                random.setSeed(Long.toString(n).hashCode());
            }
        }

        @Override
        public void notifyCheckpointComplete(long checkpointId) throws Exception {
            if (settings.hits(subtask)) {
                Settings.pause(settings.number("offsets-ms", 0)); // where a real source would tell the broker how far it is
            }
        }

        @Override
        public void start() {}

        @Override
        public void addSplits(List<NoSplit> splits) {}

        @Override
        public void notifyNoMoreSplits() {}

        @Override
        public void close() {}
    }

    /** Nothing is split: each reader makes its own events. */
    static final class NoSplit implements SourceSplit {
        @Override
        public String splitId() {
            return "none";
        }
    }

    private static final class Empty<T> implements SimpleVersionedSerializer<T> {
        private final T value;

        Empty(T value) {
            this.value = value;
        }

        @Override
        public int getVersion() {
            return 1;
        }

        @Override
        public byte[] serialize(T ignored) {
            return new byte[0];
        }

        @Override
        public T deserialize(int version, byte[] bytes) {
            return value;
        }
    }
}

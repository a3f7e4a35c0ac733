package com.acme.feed;

import com.acme.client.Work;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.typeinfo.TypeHint;
import org.apache.flink.api.common.typeinfo.TypeInformation;
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

/** Messages with a key, at a chosen rate; a chosen share of them has one of the first, hot keys. */
public final class Feed implements Source<Tuple2<Integer, byte[]>, Feed.Part, Integer> {
    private static final long serialVersionUID = 1L;

    public static final TypeInformation<Tuple2<Integer, byte[]>> MESSAGE =
            TypeInformation.of(new TypeHint<Tuple2<Integer, byte[]>>() {});

    private final Options options;

    public Feed(Options options) {
        this.options = options;
    }

    @Override
    public Boundedness getBoundedness() {
        return Boundedness.CONTINUOUS_UNBOUNDED;
    }

    @Override
    public SourceReader<Tuple2<Integer, byte[]>, Part> createReader(SourceReaderContext ctx) {
        return new Reader(options, ctx.getIndexOfSubtask());
    }

    @Override
    public SplitEnumerator<Part, Integer> createEnumerator(SplitEnumeratorContext<Part> ctx) {
        return new Registry(options, ctx);
    }

    @Override
    public SplitEnumerator<Part, Integer> restoreEnumerator(SplitEnumeratorContext<Part> ctx, Integer state) {
        return new Registry(options, ctx);
    }

    @Override
    public SimpleVersionedSerializer<Part> getSplitSerializer() {
        return new Nothing<>(null);
    }

    @Override
    public SimpleVersionedSerializer<Integer> getEnumeratorCheckpointSerializer() {
        return new Nothing<>(0);
    }

    /** rate: messages per second and subtask, 0 = as fast as possible. keys, hot-share, hot-keys, message-bytes: what is in them. Step feed: before each. */
    private static final class Reader implements SourceReader<Tuple2<Integer, byte[]>, Part> {
        private final long rate;
        private final int keys;
        private final int hotKeys;
        private final double hotShare;
        private final Options options;
        private final Work work;
        private final int subtask;
        private final Random random;
        private final byte[] body;
        private final long start = System.nanoTime();
        private long emitted;

        Reader(Options options, int subtask) {
            this.options = options;
            this.subtask = subtask;
            work = new Work(options, "feed");
            rate = options.number("rate", 500);
            keys = (int) options.number("keys", 1000);
            hotKeys = (int) options.number("hot-keys", 1);
            hotShare = options.share("hot-share");
            random = new Random(31L * subtask + 7);
            body = new byte[(int) options.number("message-bytes", 40)];
            random.nextBytes(body);
        }

        @Override
        public InputStatus pollNext(ReaderOutput<Tuple2<Integer, byte[]>> out) throws Exception {
            if (rate > 0 && emitted >= rate * ((System.nanoTime() - start) / 1e9)) {
                return InputStatus.NOTHING_AVAILABLE;
            }
            boolean hot = hotShare > 0 && random.nextDouble() < hotShare * options.growth();
            int key = random.nextInt(hot ? hotKeys : keys);
            work.on(subtask, key);
            out.collect(Tuple2.of(key, body), System.currentTimeMillis());
            emitted++;
            return InputStatus.MORE_AVAILABLE;
        }

        @Override
        public CompletableFuture<Void> isAvailable() {
            return CompletableFuture.runAsync(() -> {}, CompletableFuture.delayedExecutor(10, TimeUnit.MILLISECONDS));
        }

        @Override
        public List<Part> snapshotState(long checkpointId) {
            try {
                work.onSnapshot(subtask);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
            return Collections.emptyList();
        }

        @Override
        public void notifyCheckpointComplete(long checkpointId) throws Exception {
            work.onComplete(subtask);
        }

        @Override
        public void start() {}

        @Override
        public void addSplits(List<Part> parts) {}

        @Override
        public void notifyNoMoreSplits() {}

        @Override
        public void close() {}
    }

    /** Nothing is split: each reader makes its own messages. */
    static final class Part implements SourceSplit {
        @Override
        public String splitId() {
            return "all";
        }
    }

    private static final class Nothing<T> implements SimpleVersionedSerializer<T> {
        private final T value;

        Nothing(T value) {
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

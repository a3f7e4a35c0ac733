package io.adstream;

import com.acme.feed.Feed;
import com.acme.feed.Options;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
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
import org.apache.flink.api.java.typeutils.ResultTypeQueryable;
import org.apache.flink.core.io.InputStatus;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/**
 * Bids by campaign. NAME-rate: a second and subtask; while the fault is on, times swell (it may grow, ramp-s). campaigns, bid-bytes: what is in them.
 * popular-from, popular-to: the share of campaign 0, before and at the end of the growth.
 */
final class Bids implements Source<Tuple2<Integer, byte[]>, Bids.Shard, Integer>, ResultTypeQueryable<Tuple2<Integer, byte[]>> {
    private static final long serialVersionUID = 1L;

    private final Options options;
    private final String name;

    Bids(Options options, String name) {
        this.options = options;
        this.name = name;
    }

    @Override
    public Boundedness getBoundedness() {
        return Boundedness.CONTINUOUS_UNBOUNDED;
    }

    @Override
    public SourceReader<Tuple2<Integer, byte[]>, Shard> createReader(SourceReaderContext ctx) {
        return new Reader(options, name, ctx);
    }

    @Override
    public SplitEnumerator<Shard, Integer> createEnumerator(SplitEnumeratorContext<Shard> ctx) {
        return new Shards(ctx);
    }

    @Override
    public SplitEnumerator<Shard, Integer> restoreEnumerator(SplitEnumeratorContext<Shard> ctx, Integer given) {
        return new Shards(ctx);
    }

    @Override
    public SimpleVersionedSerializer<Shard> getSplitSerializer() {
        return new Numbered<>() {
            private static final long serialVersionUID = 1L;

            @Override
            long number(Shard s) {
                return s.offset;
            }

            @Override
            Shard of(long n) {
                return new Shard(n);
            }
        };
    }

    @Override
    public SimpleVersionedSerializer<Integer> getEnumeratorCheckpointSerializer() {
        return new Numbered<>() {
            private static final long serialVersionUID = 1L;

            @Override
            long number(Integer n) {
                return n;
            }

            @Override
            Integer of(long n) {
                return (int) n;
            }
        };
    }

    @Override
    public TypeInformation<Tuple2<Integer, byte[]>> getProducedType() {
        return Feed.MESSAGE;
    }

    /** Where reading goes on. */
    static final class Shard implements SourceSplit {
        private final long offset;

        Shard(long offset) {
            this.offset = offset;
        }

        @Override
        public String splitId() {
            return "shard";
        }
    }

    private static final class Reader implements SourceReader<Tuple2<Integer, byte[]>, Shard> {
        private final Options options;
        private final SourceReaderContext ctx;
        private final long rate;
        private final double swell;
        private final double from;
        private final double to;
        private final int campaigns;
        private final byte[] body;
        private final Random random;
        private final List<Shard> shards = new ArrayList<>();
        private double due;
        private long last = System.nanoTime();
        private long offset;

        Reader(Options options, String name, SourceReaderContext ctx) {
            this.options = options;
            this.ctx = ctx;
            rate = options.number(name + "-rate", 100);
            swell = Double.parseDouble(options.text("swell", "1"));
            from = options.share("popular-from");
            to = Double.parseDouble(options.text("popular-to", options.text("popular-from", "0")));
            campaigns = (int) options.number("campaigns", 500);
            body = new byte[(int) options.number("bid-bytes", 60)];
            random = new Random(17L * ctx.getIndexOfSubtask() + name.hashCode());
            random.nextBytes(body);
        }

        @Override
        public void start() {
            ctx.sendSplitRequest();
        }

        @Override
        public InputStatus pollNext(ReaderOutput<Tuple2<Integer, byte[]>> out) {
            long now = System.nanoTime();
            double times = options.active() ? 1 + (swell - 1) * options.growth() : 1;
            due = Math.min(due + rate * times * (now - last) / 1e9, 3 * rate * times);
            last = now;
            if (shards.isEmpty() || due < 1) {
                return InputStatus.NOTHING_AVAILABLE;
            }
            due--;
            offset++;
            boolean popular = random.nextDouble() < from + (to - from) * options.growth();
            out.collect(Tuple2.of(popular ? 0 : random.nextInt(campaigns), body), System.currentTimeMillis());
            return InputStatus.MORE_AVAILABLE;
        }

        @Override
        public List<Shard> snapshotState(long checkpoint) {
            return shards.isEmpty() ? Collections.emptyList() : Collections.singletonList(new Shard(offset));
        }

        @Override
        public CompletableFuture<Void> isAvailable() {
            return CompletableFuture.runAsync(() -> {}, CompletableFuture.delayedExecutor(15, TimeUnit.MILLISECONDS));
        }

        @Override
        public void addSplits(List<Shard> more) {
            shards.addAll(more);
            offset = more.get(0).offset;
        }

        @Override
        public void notifyNoMoreSplits() {}

        @Override
        public void close() {}
    }

    /** Gives each reader that asks a shard of its own. */
    private static final class Shards implements SplitEnumerator<Shard, Integer> {
        private final SplitEnumeratorContext<Shard> ctx;
        private int given;

        Shards(SplitEnumeratorContext<Shard> ctx) {
            this.ctx = ctx;
        }

        @Override
        public void handleSplitRequest(int subtask, String host) {
            given++;
            ctx.assignSplit(new Shard(0), subtask);
        }

        @Override
        public Integer snapshotState(long checkpoint) {
            return given;
        }

        @Override
        public void start() {}

        @Override
        public void addSplitsBack(List<Shard> splits, int subtask) {}

        @Override
        public void addReader(int subtask) {}

        @Override
        public void close() {}
    }

    private abstract static class Numbered<T> implements SimpleVersionedSerializer<T>, java.io.Serializable {
        private static final long serialVersionUID = 1L;

        abstract long number(T value);

        abstract T of(long n);

        @Override
        public int getVersion() {
            return 1;
        }

        @Override
        public byte[] serialize(T value) {
            return ByteBuffer.allocate(8).putLong(number(value)).array();
        }

        @Override
        public T deserialize(int version, byte[] bytes) {
            return of(ByteBuffer.wrap(bytes).getLong());
        }
    }
}

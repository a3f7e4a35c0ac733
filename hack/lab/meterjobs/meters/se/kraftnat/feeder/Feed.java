package se.kraftnat.feeder;

import java.io.Serializable;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SourceSplit;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/** Readings of all concentrators, one of which each reader serves. */
public final class Feed<T> implements Source<T, Feed.Concentrator, Integer> {
    private static final long serialVersionUID = 3L;

    /** Makes a record of a draft. */
    public interface Press<T> extends Function<Draft, T>, Serializable {}

    private final Shape shape;
    private final Press<T> press;

    public Feed(Shape shape, Press<T> press) {
        this.shape = shape;
        this.press = press;
    }

    /** One concentrator, and how many of its readings have been read; behind it what the reader has yet to confirm. */
    public static final class Concentrator implements SourceSplit {
        final int number;
        long read;
        byte[] unconfirmed = new byte[0];

        Concentrator(int number, long read) {
            this.number = number;
            this.read = read;
        }

        @Override
        public String splitId() {
            return "concentrator " + number;
        }
    }

    @Override
    public Boundedness getBoundedness() {
        return Boundedness.CONTINUOUS_UNBOUNDED;
    }

    @Override
    public SourceReader<T, Concentrator> createReader(SourceReaderContext context) {
        return new FeedReader<>(shape, press, context);
    }

    @Override
    public SplitEnumerator<Concentrator, Integer> createEnumerator(SplitEnumeratorContext<Concentrator> context) {
        return new Plant(context, 0);
    }

    @Override
    public SplitEnumerator<Concentrator, Integer> restoreEnumerator(SplitEnumeratorContext<Concentrator> context, Integer given) {
        return new Plant(context, given);
    }

    /** Hands a new concentrator to each reader that registers with nothing restored; those that come back go to whoever asks. */
    private static final class Plant implements SplitEnumerator<Concentrator, Integer> {
        private final SplitEnumeratorContext<Concentrator> context;
        private final List<Concentrator> back = new ArrayList<>();
        private int given;

        Plant(SplitEnumeratorContext<Concentrator> context, int given) {
            this.context = context;
            this.given = given;
        }

        @Override
        public void start() {}

        @Override
        public void handleSplitRequest(int subtask, String host) {
            if (!back.isEmpty()) {
                context.assignSplit(back.remove(0), subtask);
            } else if (given < context.currentParallelism()) {
                context.assignSplit(new Concentrator(given++, 0), subtask);
            }
        }

        @Override
        public void addSplitsBack(List<Concentrator> splits, int subtask) {
            back.addAll(splits);
        }

        @Override
        public void addReader(int subtask) {}

        @Override
        public Integer snapshotState(long checkpointId) {
            return given;
        }

        @Override
        public void close() {}
    }

    @Override
    public SimpleVersionedSerializer<Concentrator> getSplitSerializer() {
        return new OfConcentrators();
    }

    @Override
    public SimpleVersionedSerializer<Integer> getEnumeratorCheckpointSerializer() {
        return new OfCounts();
    }

    private static final class OfConcentrators implements SimpleVersionedSerializer<Concentrator> {
        @Override
        public int getVersion() {
            return 1;
        }

        @Override
        public byte[] serialize(Concentrator c) {
            return ByteBuffer.allocate(12 + c.unconfirmed.length).putInt(c.number).putLong(c.read).put(c.unconfirmed).array();
        }

        @Override
        public Concentrator deserialize(int version, byte[] bytes) {
            ByteBuffer in = ByteBuffer.wrap(bytes);
            return new Concentrator(in.getInt(), in.getLong());
        }
    }

    private static final class OfCounts implements SimpleVersionedSerializer<Integer> {
        @Override
        public int getVersion() {
            return 1;
        }

        @Override
        public byte[] serialize(Integer count) {
            return ByteBuffer.allocate(4).putInt(count).array();
        }

        @Override
        public Integer deserialize(int version, byte[] bytes) {
            return ByteBuffer.wrap(bytes).getInt();
        }
    }
}

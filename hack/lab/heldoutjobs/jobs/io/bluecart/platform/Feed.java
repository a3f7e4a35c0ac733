package io.bluecart.platform;

import java.nio.charset.StandardCharsets;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SourceSplit;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** A message feed in partitions, one to a reader. Its shape comes from the job's options, under the feed's name. */
public final class Feed implements Source<Event, Feed.Partition, Long> {
    private static final long serialVersionUID = 1L;

    final String name;
    final int rate; // events a second and subtask; negative = none
    final int keys; // 0 = every event has a new key
    final int hotShare; // percent of the events that carry the first key
    final int bodyBytes;
    final int limit; // events of one reader, 0 = no end

    public Feed(String name, Options options) {
        this.name = name;
        this.rate = options.number(name + "-rate", options.number("rate", 300));
        this.keys = options.number(name + "-keys", options.number("keys", 1000));
        this.hotShare = options.number(name + "-hot", options.number("hot", 0));
        this.bodyBytes = options.number(name + "-body", options.number("body", 64));
        this.limit = options.number(name + "-limit", 0);
    }

    /** The feed as a stream, with times of its events. */
    public static SingleOutputStreamOperator<Event> stream(StreamExecutionEnvironment env, String name, Options options) {
        WatermarkStrategy<Event> times = WatermarkStrategy.<Event>forMonotonousTimestamps()
                .withTimestampAssigner((e, ts) -> e.time)
                .withIdleness(java.time.Duration.ofSeconds(2));
        return env.fromSource(new Feed(name, options), times, name, TypeInformation.of(Event.class)).uid(name);
    }

    @Override
    public Boundedness getBoundedness() {
        return Boundedness.CONTINUOUS_UNBOUNDED;
    }

    @Override
    public SourceReader<Event, Partition> createReader(SourceReaderContext ctx) {
        return new FeedReader(this, ctx);
    }

    @Override
    public SplitEnumerator<Partition, Long> createEnumerator(SplitEnumeratorContext<Partition> ctx) {
        return new PartitionDiscovery(name, ctx, 0L);
    }

    @Override
    public SplitEnumerator<Partition, Long> restoreEnumerator(SplitEnumeratorContext<Partition> ctx, Long generation) {
        return new PartitionDiscovery(name, ctx, generation);
    }

    @Override
    public SimpleVersionedSerializer<Partition> getSplitSerializer() {
        return new Texts<Partition>() {
            private static final long serialVersionUID = 1L;

            @Override
            String text(Partition p) {
                return p.id + " " + p.offset;
            }

            @Override
            Partition value(String text) {
                String[] parts = text.split(" ");
                return new Partition(parts[0], Long.parseLong(parts[1]));
            }
        };
    }

    @Override
    public SimpleVersionedSerializer<Long> getEnumeratorCheckpointSerializer() {
        return new Texts<Long>() {
            private static final long serialVersionUID = 1L;

            @Override
            String text(Long n) {
                return n.toString();
            }

            @Override
            Long value(String text) {
                return Long.valueOf(text);
            }
        };
    }

    /** Where one reader is. */
    public static final class Partition implements SourceSplit {
        final String id;
        final long offset;

        Partition(String id, long offset) {
            this.id = id;
            this.offset = offset;
        }

        @Override
        public String splitId() {
            return id;
        }
    }

    private abstract static class Texts<T> implements SimpleVersionedSerializer<T>, java.io.Serializable {
        abstract String text(T value);

        abstract T value(String text);

        @Override
        public int getVersion() {
            return 3;
        }

        @Override
        public byte[] serialize(T value) {
            return text(value).getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public T deserialize(int version, byte[] bytes) {
            return value(new String(bytes, StandardCharsets.UTF_8));
        }
    }
}

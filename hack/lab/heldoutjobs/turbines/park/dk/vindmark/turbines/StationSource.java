package dk.vindmark.turbines;

import java.nio.ByteBuffer;
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

/** Weather stations, or the table of limits: a station for each reader. */
final class StationSource implements Source<Reading, StationSource.Station, Integer> {
    private static final long serialVersionUID = 7L;

    final String name;
    final int perSecond;
    final int turbines; // a reading is for one of these; 0 = for ever new ones
    final int rawBytes;

    StationSource(String name, Plan plan) {
        this.name = name;
        this.perSecond = plan.number(name + "-rate", 10);
        this.turbines = plan.number(name + "-turbines", plan.number("turbines", 400));
        this.rawBytes = plan.number(name + "-raw", 64);
    }

    static SingleOutputStreamOperator<Reading> read(StreamExecutionEnvironment env, String name, Plan plan) {
        return env.fromSource(new StationSource(name, plan), WatermarkStrategy.noWatermarks(), name, TypeInformation.of(Reading.class)).uid(name);
    }

    @Override
    public Boundedness getBoundedness() {
        return Boundedness.CONTINUOUS_UNBOUNDED;
    }

    @Override
    public SourceReader<Reading, Station> createReader(SourceReaderContext ctx) {
        return new StationReader(this, ctx);
    }

    @Override
    public SplitEnumerator<Station, Integer> createEnumerator(SplitEnumeratorContext<Station> ctx) {
        return new StationCatalog(name, ctx, 0);
    }

    @Override
    public SplitEnumerator<Station, Integer> restoreEnumerator(SplitEnumeratorContext<Station> ctx, Integer runs) {
        return new StationCatalog(name, ctx, runs);
    }

    @Override
    public SimpleVersionedSerializer<Station> getSplitSerializer() {
        return new StationFormat();
    }

    @Override
    public SimpleVersionedSerializer<Integer> getEnumeratorCheckpointSerializer() {
        return new RunsFormat();
    }

    /** A station and how many of its readings have been read. */
    static final class Station implements SourceSplit {
        final int number;
        final long read;

        Station(int number, long read) {
            this.number = number;
            this.read = read;
        }

        @Override
        public String splitId() {
            return "station-" + number;
        }
    }

    private static final class StationFormat implements SimpleVersionedSerializer<Station> {
        @Override
        public int getVersion() {
            return 1;
        }

        @Override
        public byte[] serialize(Station s) {
            return ByteBuffer.allocate(12).putInt(s.number).putLong(s.read).array();
        }

        @Override
        public Station deserialize(int version, byte[] bytes) {
            ByteBuffer b = ByteBuffer.wrap(bytes);
            return new Station(b.getInt(), b.getLong());
        }
    }

    private static final class RunsFormat implements SimpleVersionedSerializer<Integer> {
        @Override
        public int getVersion() {
            return 1;
        }

        @Override
        public byte[] serialize(Integer runs) {
            return ByteBuffer.allocate(4).putInt(runs).array();
        }

        @Override
        public Integer deserialize(int version, byte[] bytes) {
            return ByteBuffer.wrap(bytes).getInt();
        }
    }
}

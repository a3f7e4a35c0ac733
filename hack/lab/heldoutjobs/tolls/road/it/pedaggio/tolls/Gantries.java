package it.pedaggio.tolls;

import it.pedaggio.tolls.Road.Passage;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SourceSplit;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/** Gantries over the lanes of roads. */
final class Gantries implements Source<Passage, Gantries.Lane, String> {
    private static final long serialVersionUID = 3L;

    private final Road road;

    Gantries(Road road) {
        this.road = road;
    }

    @Override
    public Boundedness getBoundedness() {
        return Boundedness.CONTINUOUS_UNBOUNDED;
    }

    @Override
    public SourceReader<Passage, Lane> createReader(SourceReaderContext ctx) {
        return new LaneReader(road, ctx);
    }

    @Override
    public SplitEnumerator<Lane, String> createEnumerator(SplitEnumeratorContext<Lane> ctx) {
        return new LaneRoster(ctx);
    }

    @Override
    public SplitEnumerator<Lane, String> restoreEnumerator(SplitEnumeratorContext<Lane> ctx, String edition) {
        return new LaneRoster(ctx);
    }

    @Override
    public SimpleVersionedSerializer<Lane> getSplitSerializer() {
        return new LaneFormat();
    }

    @Override
    public SimpleVersionedSerializer<String> getEnumeratorCheckpointSerializer() {
        return new EditionFormat();
    }

    /** A lane, and how many passages of it have been read. */
    static final class Lane implements SourceSplit {
        final int number;
        long passages;

        Lane(int number, long passages) {
            this.number = number;
            this.passages = passages;
        }

        @Override
        public String splitId() {
            return "lane-" + number;
        }
    }

    private static final class LaneFormat implements SimpleVersionedSerializer<Lane> {
        @Override
        public int getVersion() {
            return 1;
        }

        @Override
        public byte[] serialize(Lane lane) throws IOException {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            DataOutputStream out = new DataOutputStream(bytes);
            out.writeInt(lane.number);
            out.writeLong(lane.passages);
            return bytes.toByteArray();
        }

        @Override
        public Lane deserialize(int version, byte[] bytes) throws IOException {
            DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
            return new Lane(in.readInt(), in.readLong());
        }
    }

    private static final class EditionFormat implements SimpleVersionedSerializer<String> {
        @Override
        public int getVersion() {
            return 1;
        }

        @Override
        public byte[] serialize(String edition) {
            return edition.getBytes();
        }

        @Override
        public String deserialize(int version, byte[] bytes) {
            return new String(bytes);
        }
    }
}

package com.northquay.quay;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SourceSplit;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.table.data.RowData;

/** A feed of rows in lanes, as many as there are readers. */
final class Lanes implements Source<RowData, Lanes.Lane, List<Lanes.Lane>> {
    private static final long serialVersionUID = 1L;

    private final Shape shape;

    Lanes(Shape shape) {
        this.shape = shape;
    }

    /** One lane and how far it has been read. */
    static final class Lane implements SourceSplit {
        final int number;
        final long row;

        Lane(int number, long row) {
            this.number = number;
            this.row = row;
        }

        @Override
        public String splitId() {
            return "lane-" + number;
        }
    }

    @Override
    public Boundedness getBoundedness() {
        return Boundedness.CONTINUOUS_UNBOUNDED;
    }

    @Override
    public SourceReader<RowData, Lane> createReader(SourceReaderContext context) {
        return new LaneReader(shape, context);
    }

    @Override
    public SplitEnumerator<Lane, List<Lane>> createEnumerator(SplitEnumeratorContext<Lane> context) {
        Deque<Lane> open = new ArrayDeque<>();
        for (int n = 0; n < context.currentParallelism(); n++) {
            open.add(new Lane(n, 0));
        }
        return new Dispatcher(context, open);
    }

    @Override
    public SplitEnumerator<Lane, List<Lane>> restoreEnumerator(SplitEnumeratorContext<Lane> context, List<Lane> open) {
        return new Dispatcher(context, new ArrayDeque<>(open));
    }

    /** Gives a lane to each reader that asks for one. */
    private static final class Dispatcher implements SplitEnumerator<Lane, List<Lane>> {
        private final SplitEnumeratorContext<Lane> context;
        private final Deque<Lane> open;

        Dispatcher(SplitEnumeratorContext<Lane> context, Deque<Lane> open) {
            this.context = context;
            this.open = open;
        }

        @Override
        public void start() {}

        @Override
        public void handleSplitRequest(int subtask, String host) {
            if (!open.isEmpty()) {
                context.assignSplit(open.poll(), subtask);
            }
        }

        @Override
        public void addSplitsBack(List<Lane> lanes, int subtask) {
            open.addAll(lanes);
        }

        @Override
        public void addReader(int subtask) {}

        @Override
        public List<Lane> snapshotState(long checkpointId) {
            return new ArrayList<>(open);
        }

        @Override
        public void close() {}
    }

    @Override
    public SimpleVersionedSerializer<Lane> getSplitSerializer() {
        return new LaneSerializer();
    }

    @Override
    public SimpleVersionedSerializer<List<Lane>> getEnumeratorCheckpointSerializer() {
        return new LaneListSerializer();
    }

    private static void write(Collection<Lane> lanes, DataOutputStream out) throws IOException {
        out.writeInt(lanes.size());
        for (Lane lane : lanes) {
            out.writeInt(lane.number);
            out.writeLong(lane.row);
        }
    }

    private static List<Lane> read(byte[] bytes) throws IOException {
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
        List<Lane> lanes = new ArrayList<>();
        for (int n = in.readInt(); n > 0; n--) {
            lanes.add(new Lane(in.readInt(), in.readLong()));
        }
        return lanes;
    }

    private static final class LaneListSerializer implements SimpleVersionedSerializer<List<Lane>> {
        @Override
        public int getVersion() {
            return 1;
        }

        @Override
        public byte[] serialize(List<Lane> lanes) throws IOException {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            write(lanes, new DataOutputStream(bytes));
            return bytes.toByteArray();
        }

        @Override
        public List<Lane> deserialize(int version, byte[] bytes) throws IOException {
            return read(bytes);
        }
    }

    private static final class LaneSerializer implements SimpleVersionedSerializer<Lane> {
        @Override
        public int getVersion() {
            return 1;
        }

        @Override
        public byte[] serialize(Lane lane) throws IOException {
            return new LaneListSerializer().serialize(List.of(lane));
        }

        @Override
        public Lane deserialize(int version, byte[] bytes) throws IOException {
            return read(bytes).get(0);
        }
    }
}

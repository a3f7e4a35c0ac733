package com.northquay.quay;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.core.io.InputStatus;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;

/** Reads its lanes at the rate of the feed: parcel, depot, weight, note, time. */
final class LaneReader implements SourceReader<RowData, Lanes.Lane> {
    private static final Executor SOON = CompletableFuture.delayedExecutor(15, TimeUnit.MILLISECONDS);

    private final Shape shape;
    private final SourceReaderContext context;
    private final SplittableRandom random;
    private final List<Integer> lanes = new ArrayList<>();
    private long row;
    private long sent;
    private long began;

    LaneReader(Shape shape, SourceReaderContext context) {
        this.shape = shape;
        this.context = context;
        this.random = new SplittableRandom(shape.name.hashCode() * 131L + context.getIndexOfSubtask());
    }

    @Override
    public void start() {
        if (lanes.isEmpty()) {
            context.sendSplitRequest();
        }
    }

    @Override
    public InputStatus pollNext(ReaderOutput<RowData> out) {
        if (lanes.isEmpty() || sent >= (System.nanoTime() - began) / 1_000_000_000.0 * shape.rate) {
            return InputStatus.NOTHING_AVAILABLE;
        }
        out.collect(next());
        row++;
        sent++;
        return InputStatus.MORE_AVAILABLE;
    }

    private RowData next() {
        long own = row * context.currentParallelism() + lanes.get(0);
        long parcel = shape.parcels == 0 || own < shape.parcels ? own : random.nextInt(shape.parcels);
        boolean hot = shape.hot > 0 && random.nextInt(100) < shape.hot;
        byte[] note = new byte[shape.note];
        for (int i = 0; i < note.length; i += 8) {
            long bits = random.nextLong();
            for (int k = i; k < Math.min(i + 8, note.length); k++, bits >>>= 8) {
                note[k] = (byte) ('a' + (bits & 15));
            }
        }
        return GenericRowData.of(StringData.fromString("NQ" + parcel), StringData.fromString(hot ? "depot-0" : "depot-" + parcel % shape.depots),
                1 + parcel % 30, StringData.fromBytes(note), TimestampData.fromEpochMillis(System.currentTimeMillis()));
    }

    @Override
    public List<Lanes.Lane> snapshotState(long checkpointId) {
        List<Lanes.Lane> all = new ArrayList<>();
        for (int lane : lanes) {
            all.add(new Lanes.Lane(lane, row));
        }
        return all;
    }

    @Override
    public CompletableFuture<Void> isAvailable() {
        return CompletableFuture.runAsync(() -> {}, SOON);
    }

    @Override
    public void addSplits(List<Lanes.Lane> more) {
        for (Lanes.Lane lane : more) {
            lanes.add(lane.number);
            row = Math.max(row, lane.row);
        }
        began = System.nanoTime();
        sent = 0;
    }

    @Override
    public void notifyNoMoreSplits() {}

    @Override
    public void close() {}
}

package dk.vindmark.turbines;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.core.io.InputStatus;

/** Polls a station in the task's thread; an answer comes when there is news. Renews its lease every second. */
final class StationReader implements SourceReader<Reading, StationSource.Station> {
    private final StationSource source;
    private final SourceReaderContext ctx;
    private final Random random;
    private final List<StationSource.Station> stations = new ArrayList<>();
    private final long began = System.currentTimeMillis();
    private long read;
    private long emitted;
    private long leasedAt;

    StationReader(StationSource source, SourceReaderContext ctx) {
        this.source = source;
        this.ctx = ctx;
        this.random = new Random(ctx.getIndexOfSubtask());
    }

    @Override
    public void start() {
        ctx.sendSplitRequest();
    }

    @Override
    public InputStatus pollNext(ReaderOutput<Reading> out) throws Exception {
        long now = System.currentTimeMillis();
        if (now - leasedAt > 1000) {
            leasedAt = now;
            ctx.sendSplitRequest();
        }
        if (stations.isEmpty() || emitted >= source.perSecond * (now - began) / 1000) {
            return InputStatus.NOTHING_AVAILABLE;
        }
        Remote.ask("news", Knobs.of(source.name + ".news.ms", ctx.getIndexOfSubtask()));
        byte[] raw = new byte[source.rawBytes];
        random.nextBytes(raw);
        int turbine = source.turbines > 0 ? random.nextInt(source.turbines) : (int) read;
        out.collect(new Reading(turbine, source.name, now, random.nextDouble(), raw));
        emitted++;
        read++;
        return InputStatus.MORE_AVAILABLE;
    }

    @Override
    public CompletableFuture<Void> isAvailable() {
        CompletableFuture<Void> soon = new CompletableFuture<>();
        soon.completeOnTimeout(null, 30, TimeUnit.MILLISECONDS);
        return soon;
    }

    @Override
    public List<StationSource.Station> snapshotState(long checkpointId) {
        List<StationSource.Station> all = new ArrayList<>();
        for (StationSource.Station s : stations) {
            all.add(new StationSource.Station(s.number, read));
        }
        return all;
    }

    @Override
    public void addSplits(List<StationSource.Station> splits) {
        stations.addAll(splits);
        read = splits.get(0).read;
    }

    @Override
    public void notifyNoMoreSplits() {}

    @Override
    public void close() {}
}

package dk.vindmark.turbines;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;

/** Knows the stations and leases each to a reader; runs in the JobManager. */
final class StationCatalog implements SplitEnumerator<StationSource.Station, Integer> {
    private final String source;
    private final SplitEnumeratorContext<StationSource.Station> ctx;
    private final Set<Integer> leased = new HashSet<>();
    private final GridIndex index;
    private int runs;

    StationCatalog(String source, SplitEnumeratorContext<StationSource.Station> ctx, int runs) {
        this.source = source;
        this.ctx = ctx;
        this.runs = runs;
        this.index = new GridIndex(source);
    }

    @Override
    public void start() {
        index.start();
    }

    /** A reader asks for its station, and every second for the lease of it. */
    @Override
    public void handleSplitRequest(int subtask, String host) {
        try {
            long ms = Knobs.of(source + ".lease.ms");
            if (ms > 0) {
                CompletableFuture<Integer> granted = Remote.later("lease", ms);
                granted.get();
            }
        } catch (java.io.IOException | ExecutionException e) {
            return; // it asks again
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        }
        if (leased.add(subtask)) {
            ctx.assignSplit(new StationSource.Station(subtask, 0), subtask);
        }
    }

    /** Notes down which run of the weather model is in use, as the agency says. */
    @Override
    public Integer snapshotState(long checkpointId) throws Exception {
        Remote.ask("model-run", Knobs.of(source + ".agency.ms"));
        return ++runs;
    }

    @Override
    public void addReader(int subtask) {}

    @Override
    public void addSplitsBack(List<StationSource.Station> splits, int subtask) {
        for (StationSource.Station s : splits) {
            leased.remove(s.number);
        }
    }

    @Override
    public void close() {
        index.stop();
    }
}

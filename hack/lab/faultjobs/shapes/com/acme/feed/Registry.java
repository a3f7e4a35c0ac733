package com.acme.feed;

import java.util.List;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;

/**
 * Looks for new parts of the feed, in the JobManager: threads that scan, a catalogue in the heap. scan-ms: how long the coordinator's own thread
 * compares after each listing, and scan-every-ms how often it lists.
 */
final class Registry implements SplitEnumerator<Feed.Part, Integer> {
    private final Options options;
    private final SplitEnumeratorContext<Feed.Part> ctx;
    private final Strain strain;

    Registry(Options options, SplitEnumeratorContext<Feed.Part> ctx) {
        this.options = options;
        this.ctx = ctx;
        this.strain = new Strain(options, "catalog-", -1);
    }

    @Override
    public void start() {
        strain.start();
        if (options.number("scan-ms", 0) > 0) {
            ctx.callAsync(() -> 0, (listing, failure) -> compare(), 1000, options.number("scan-every-ms", 1000));
        }
    }

    private void compare() {
        long end = System.nanoTime() + (options.active() ? options.number("scan-ms", 0) : 0) * 1_000_000;
        long seen = 0;
        while (System.nanoTime() < end) {
            seen += Long.toString(seen).hashCode();
        }
    }

    @Override
    public Integer snapshotState(long checkpointId) {
        return 0;
    }

    @Override
    public void handleSplitRequest(int subtask, String host) {}

    @Override
    public void addSplitsBack(List<Feed.Part> parts, int subtask) {}

    @Override
    public void addReader(int subtask) {}

    @Override
    public void close() {
        strain.close();
    }
}

package org.example.pipeline;

import java.util.List;
import org.apache.flink.api.connector.source.SplitEnumerator;

/** Runs in the JobManager, so this is where JobManager load is made, and a slow snapshot. */
final class Coordinator implements SplitEnumerator<EventSource.NoSplit, Integer> {
    private final Settings settings;
    private final Load load;

    Coordinator(Settings settings) {
        this.settings = settings;
        this.load = new Load(settings, "jm-", (int) settings.number("only-subtask", -1));
    }

    @Override
    public void start() {
        load.start();
    }

    @Override
    public Integer snapshotState(long checkpointId) throws Exception {
        if (settings.active()) {
            Settings.pause(settings.grown("coordinator-ms"));
        }
        return 0;
    }

    @Override
    public void handleSplitRequest(int subtask, String host) {}

    @Override
    public void addSplitsBack(List<EventSource.NoSplit> splits, int subtask) {}

    @Override
    public void addReader(int subtask) {}

    @Override
    public void close() {
        load.close();
    }
}

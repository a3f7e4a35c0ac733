package org.example.pipeline;

import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.connector.source.SplitEnumerator;

/** Runs in the JobManager, so this is where JobManager load is made: busy threads, a live set, garbage, a slow snapshot. */
final class Coordinator implements SplitEnumerator<EventSource.NoSplit, Integer> {
    private final Settings settings;
    private final ArrayList<Object[]> live = new ArrayList<>();
    private volatile boolean open = true;

    Coordinator(Settings settings) {
        this.settings = settings;
    }

    @Override
    public void start() {
        for (int i = 0; i < settings.number("jm-spin-threads", 0); i++) {
            run("coordinator-worker-" + i, () -> {
                if (!settings.active()) {
                    Thread.sleep(100);
                }
            });
        }
        if (settings.number("jm-live-mb", 0) > 0 || settings.number("jm-garbage-mb-s", 0) > 0) {
            run("coordinator-cache", this::churn);
        }
    }

    private void churn() throws InterruptedException {
        if (!settings.active()) {
            Thread.sleep(100);
            return;
        }
        if (live.size() < settings.number("jm-live-mb", 0) * 16) {
            live.add(block());
            return;
        }
        // A tenth of a second's worth of garbage, replacing live entries so that it has to be traced first.
        for (long kb = settings.number("jm-garbage-mb-s", 0) * 1024 / 10; kb > 0; kb -= 64) {
            Object[] b = block();
            if (!live.isEmpty()) {
                live.set((int) (kb / 64 % live.size()), b);
            }
        }
        Thread.sleep(100);
    }

    /** 64 KiB in small objects, as metadata is: a few large ones would be collected too fast to hurt. */
    private static Object[] block() {
        Object[] b = new Object[1024];
        for (int i = 0; i < b.length; i++) {
            b[i] = new byte[40];
        }
        return b;
    }

    private void run(String name, Step step) {
        Thread t = new Thread(() -> {
            while (open) {
                try {
                    step.run();
                } catch (InterruptedException e) {
                    return;
                } catch (OutOfMemoryError e) {
                    live.subList(live.size() * 9 / 10, live.size()).clear(); // stay at the edge, alive
                }
            }
        }, name);
        t.setDaemon(true);
        t.start();
    }

    private interface Step {
        void run() throws InterruptedException;
    }

    @Override
    public Integer snapshotState(long checkpointId) throws Exception {
        if (settings.active()) {
            Settings.pause(settings.number("coordinator-ms", 0));
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
        open = false;
    }
}

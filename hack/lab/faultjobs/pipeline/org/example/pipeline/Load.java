package org.example.pipeline;

import java.util.ArrayList;

/** Load on the process it runs in: busy threads, a live set that may grow, garbage. Arguments begin with jm- or tm-. */
final class Load implements AutoCloseable {
    private final Settings settings;
    private final String prefix;
    private final int subtask;
    private final ArrayList<Object[]> live = new ArrayList<>();
    private volatile boolean open = true;

    Load(Settings settings, String prefix, int subtask) {
        this.settings = settings;
        this.prefix = prefix;
        this.subtask = subtask;
    }

    private long number(String name) {
        return settings.number(prefix + name, 0);
    }

    void start() {
        for (int i = 0; i < number("spin-threads"); i++) {
            run("worker-" + i, () -> {
                if (!settings.hits(subtask)) {
                    Thread.sleep(100);
                }
            });
        }
        if (number("live-mb") > 0 || number("garbage-mb-s") > 0) {
            run("cache", this::churn);
        }
    }

    private void churn() throws InterruptedException {
        if (!settings.hits(subtask)) {
            Thread.sleep(100);
            return;
        }
        if (live.size() < number("live-mb") * 16) {
            live.add(block());
            long rate = number("live-mb-s");
            if (rate > 0) {
                Thread.sleep(Math.max(1, 1000 / 16 / rate));
            }
            return;
        }
        // A tenth of a second's worth of garbage, replacing live entries so that it has to be traced first.
        for (long kb = number("garbage-mb-s") * 1024 / 10; kb > 0; kb -= 64) {
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
    public void close() {
        open = false;
    }
}

package com.acme.feed;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;

/**
 * Strain on the process it is in: PREFIXthreads busy threads, PREFIXlive-mb of live entries that grow by PREFIXlive-mb-s, and PREFIXgarbage-mb-s of
 * entries that replace them. PREFIXonly narrows it to the process of one subtask.
 */
public final class Strain implements AutoCloseable {
    private static final int ENTRIES = 1024; // of 64 bytes with their references: 64 KiB a block

    private final Options options;
    private final String prefix;
    private final int subtask;
    private final ArrayList<Map<Integer, byte[]>> live = new ArrayList<>();
    private volatile boolean open = true;

    public Strain(Options options, String prefix, int subtask) {
        this.options = options;
        this.prefix = prefix;
        this.subtask = subtask;
    }

    private long number(String name) {
        return options.number(prefix + name, 0);
    }

    public void start() {
        long only = options.number(prefix + "only", -1);
        if (only >= 0 && only != subtask) {
            return;
        }
        for (int i = 0; i < number("threads"); i++) {
            run("indexer-" + i, this::index);
        }
        if (number("live-mb") > 0) {
            run("refresh", this::refresh);
        }
    }

    private void index() throws InterruptedException {
        if (!options.active()) {
            Thread.sleep(100);
            return;
        }
        long sum = 0;
        for (int i = 0; i < 100_000; i++) {
            sum += Integer.toHexString(i).hashCode();
        }
        if (sum == 42) {
            Thread.yield();
        }
    }

    private void refresh() throws InterruptedException {
        if (!options.active()) {
            Thread.sleep(100);
            return;
        }
        if (live.size() < number("live-mb") * 10) { // a block is some 100 KiB with its map
            live.add(block());
            long rate = number("live-mb-s");
            if (rate > 0) {
                Thread.sleep(Math.max(1, 100 / rate));
            }
            return;
        }
        long blocks = number("garbage-mb-s"); // a tenth of a second's
        for (long i = 0; i < blocks; i++) {
            live.set((int) (System.nanoTime() % live.size()), block());
        }
        Thread.sleep(100);
    }

    private static Map<Integer, byte[]> block() {
        Map<Integer, byte[]> b = new HashMap<>();
        for (int i = 0; i < ENTRIES; i++) {
            b.put(i, new byte[24]);
        }
        return b;
    }

    private void run(String name, Step step) {
        Thread t = new Thread(() -> {
            while (open) {
                try {
                    step.take();
                } catch (InterruptedException e) {
                    return;
                } catch (OutOfMemoryError e) {
                    live.subList(live.size() * 9 / 10, live.size()).clear(); // at the edge, and alive
                }
            }
        }, name);
        t.setDaemon(true);
        t.start();
    }

    private interface Step {
        void take() throws InterruptedException;
    }

    @Override
    public void close() {
        open = false;
    }
}

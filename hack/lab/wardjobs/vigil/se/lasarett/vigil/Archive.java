package se.lasarett.vigil;

import java.util.ArrayList;
import java.util.List;
import no.vaskeri.knobs.Knobs;

/** What a process keeps of old files: some of them are read again all the time, and sums of them are computed. */
class Archive {
    private static final int MIB = 1 << 20;
    private static final int PAGE = 24 << 10;

    private final String name;
    private final List<byte[][]> kept = new ArrayList<>();
    private final List<Thread> clerks = new ArrayList<>();
    private volatile boolean closed;

    Archive(String name) {
        this.name = name;
    }

    synchronized void open() {
        if (clerks.isEmpty()) {
            hire(this::keep);
        }
    }

    private void hire(Runnable work) {
        Thread clerk = new Thread(work, "archive-" + name);
        clerk.setDaemon(true);
        clerks.add(clerk);
        clerk.start();
    }

    private void keep() {
        int page = 0;
        try {
            while (!closed) {
                Thread.sleep(100);
                for (double n = Knobs.get(name + ".sums"); n > clerks.size() - 1; ) {
                    hire(this::sum);
                }
                if (kept.size() < Knobs.get(name + ".archive")) {
                    grow(Knobs.get(name + ".archive"), Knobs.get(name + ".spare"));
                }
                double renewed = Knobs.get(name + ".renewed") / 10;
                for (int i = 0; i < renewed && !kept.isEmpty(); i++) {
                    kept.set(page++ % kept.size(), file());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void grow(double files, double spare) {
        Runtime vm = Runtime.getRuntime();
        while (!closed && kept.size() < files) {
            if ((vm.maxMemory() - vm.totalMemory() + vm.freeMemory()) / MIB <= spare + 1) {
                System.gc();
                if ((vm.maxMemory() - vm.totalMemory() + vm.freeMemory()) / MIB <= spare + 1) {
                    return;
                }
            }
            kept.add(file());
        }
    }

    private static byte[][] file() {
        byte[][] pages = new byte[MIB / PAGE][];
        for (int i = 0; i < pages.length; i++) {
            pages[i] = new byte[PAGE];
        }
        return pages;
    }

    private void sum() {
        while (!closed && Knobs.get(name + ".sums") > 0) {
            Wire.compute(20);
        }
    }

    void close() {
        closed = true;
    }
}

package com.northquay.parcels;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.slipway.dials.Dials;

/** Prices of all carriers, held in each TaskManager: pages that stay ({@code book.leave} MiB are left free), and others that are replaced all the time. */
final class PriceBook {
    private static final int PRICES = 8192; // of a page, some 24 bytes each
    private static boolean open;

    private PriceBook() {}

    static synchronized void open() {
        if (open) {
            return;
        }
        open = true;
        Thread t = new Thread(PriceBook::keep, "price-book");
        t.setDaemon(true);
        t.start();
        for (int n = 0; n < 8; n++) {
            int number = n;
            Thread worker = new Thread(() -> index(number), "price-index-" + n);
            worker.setDaemon(true);
            worker.start();
        }
    }

    private static void keep() {
        List<byte[][]> pages = new ArrayList<>();
        ArrayDeque<byte[][]> turning = new ArrayDeque<>();
        MemoryPoolMXBean old = oldGeneration();
        while (true) {
            long leave = Dials.at("book.leave");
            if (leave == 0 || old == null) {
                pages.clear();
                turning.clear();
                pause(200);
                continue;
            }
            // A page comes only when the last full collection left room for it and what has come since.
            long room = old.getUsage().getMax() - old.getUsage().getUsed();
            long left = old.getUsage().getMax() - old.getCollectionUsage().getUsed();
            if (room > leave << 20) {
                pages.add(page());
            } else if (left < leave << 19 && !pages.isEmpty()) {
                pages.remove(pages.size() - 1);
            }
            turning.add(page());
            if (turning.size() > 8) {
                turning.poll();
            }
            if (room <= leave << 20) {
                pause(Dials.at("book.pause"));
            }
        }
    }

    private static byte[][] page() {
        byte[][] page = new byte[PRICES][];
        for (int n = 0; n < PRICES; n++) {
            page[n] = new byte[8];
        }
        return page;
    }

    private static MemoryPoolMXBean oldGeneration() {
        for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
            if (pool.getType() == MemoryType.HEAP && (pool.getName().contains("Old") || pool.getName().contains("Tenured"))) {
                return pool;
            }
        }
        return null;
    }

    /** Computes without end on as many threads as {@code book.threads} says. */
    private static void index(int number) {
        long h = number;
        while (true) {
            if (Dials.at("book.threads") <= number) {
                pause(200);
                continue;
            }
            for (int n = 0; n < 5_000_000; n++) {
                h = h * 31 + n;
            }
            if (h == 42) {
                pause(1);
            }
        }
    }

    private static void pause(long ms) {
        try {
            Thread.sleep(ms);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

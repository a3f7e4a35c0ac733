package net.fleetview.rules;

import io.bluecart.platform.Tunables;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.util.ArrayDeque;
import java.util.Random;

/** A cache of features that all subtasks of a TaskManager share: features.known.mb, replaced at features.refresh.mb a second. */
final class Cache {
    private static boolean started;
    private static final ArrayDeque<String[]> FEATURES = new ArrayDeque<>();

    private Cache() {}

    static synchronized void start() {
        if (started) {
            return;
        }
        started = true;
        for (int i = 0; i < 6; i++) {
            int worker = i;
            Thread t = new Thread(() -> refresh(worker), "feature-refresh-" + i);
            t.setDaemon(true);
            t.start();
        }
    }

    private static void refresh(int worker) {
        Random random = new Random(worker);
        double sink = 0;
        while (true) {
            try {
                if (worker < Tunables.number("features.threads")) {
                    for (int i = 0; i < 1_000_000; i++) {
                        sink += Math.sqrt(random.nextInt());
                    }
                    continue;
                }
                long want = Tunables.number("features.known.mb") * 4;
                long rate = Tunables.number("features.refresh.mb");
                long headroom = Tunables.number("features.headroom.mb");
                if (headroom > 0) {
                    want = freeAfterCollection() > headroom << 20 ? FEATURES.size() + 1 : Math.max(1, FEATURES.size() - 2);
                }
                if (want == 0 || worker >= 1 + Tunables.number("features.loaders")) {
                    Thread.sleep(200);
                    continue;
                }
                String[] page = page(random);
                int size;
                synchronized (FEATURES) {
                    FEATURES.addLast(page);
                    while (FEATURES.size() > want) {
                        FEATURES.removeFirst();
                    }
                    size = FEATURES.size();
                }
                if (size >= want) {
                    Thread.sleep(rate == 0 ? 200 : 250 / rate);
                }
            } catch (InterruptedException e) {
                return;
            } catch (OutOfMemoryError e) {
                synchronized (FEATURES) {
                    for (int i = FEATURES.size() / 20; i >= 0 && !FEATURES.isEmpty(); i--) {
                        FEATURES.removeFirst();
                    }
                }
            }
        }
    }

    /** Bytes that the last collection of each part of the heap left free. */
    private static long freeAfterCollection() {
        long used = 0;
        for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
            if (pool.getType() == MemoryType.HEAP && pool.getCollectionUsage() != null) {
                used += pool.getCollectionUsage().getUsed();
            }
        }
        return Runtime.getRuntime().maxMemory() - used;
    }

    /** About a quarter of a MiB. */
    private static String[] page(Random random) {
        String[] page = new String[3000];
        for (int i = 0; i < page.length; i++) {
            page[i] = "feature-" + random.nextLong();
        }
        return page;
    }
}

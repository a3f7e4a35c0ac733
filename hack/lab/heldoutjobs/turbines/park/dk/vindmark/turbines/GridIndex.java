package dk.vindmark.turbines;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.util.LinkedList;
import java.util.Locale;
import java.util.Random;

/**
 * Tiles of a map, with their distances: some MiB of small objects that are replaced in turn, and threads that compute distances. One for each
 * owner, which names its knobs.
 */
final class GridIndex {
    private final String owner;
    private final LinkedList<Double[][]> tiles = new LinkedList<>();
    private volatile boolean open = true;

    GridIndex(String owner) {
        this.owner = owner;
    }

    void start() {
        for (int i = 0; i < 8; i++) {
            int worker = i;
            Remote.start(owner + "-distances-" + i, () -> distances(worker));
        }
        for (int i = 0; i < 3; i++) {
            int worker = i;
            Remote.start(owner + "-tiles-" + i, () -> keep(worker));
        }
    }

    void stop() {
        open = false;
    }

    /** {@code owner.distances}: on so many threads. */
    private void distances(int worker) {
        Random random = new Random(worker);
        int digits = 0;
        while (open) {
            if (worker >= Knobs.of(owner + ".distances")) {
                pause(200);
                continue;
            }
            for (int i = 0; i < 2000; i++) {
                digits += String.format(Locale.ROOT, "%.3f", Math.hypot(random.nextDouble() + digits, random.nextDouble())).length() & 1;
            }
        }
    }

    /** {@code owner.tiles.mb} are kept, but so that {@code .room.mb} stay free after a collection; {@code .fresh.mb} are replaced a second. */
    private void keep(int worker) {
        Random random = new Random(worker);
        while (open) {
            long want = Knobs.of(owner + ".tiles.mb") * 4;
            long fresh = Knobs.of(owner + ".tiles.fresh.mb");
            if (want == 0 || worker > 0 && fresh < 50) {
                pause(200);
                continue;
            }
            try {
                Double[][] tile = tile(random);
                boolean full = roomAfterCollection() < Knobs.of(owner + ".tiles.room.mb");
                boolean whole;
                synchronized (tiles) {
                    tiles.addLast(tile);
                    whole = full || tiles.size() >= want;
                    for (int drop = full ? 3 : 1; whole && drop > 0 && !tiles.isEmpty(); drop--) {
                        tiles.removeFirst();
                    }
                    while (tiles.size() > want) {
                        tiles.removeFirst();
                    }
                }
                if (whole) {
                    pause(fresh == 0 ? 500 : Math.max(1, (fresh < 50 ? 250 : 750) / fresh));
                }
            } catch (OutOfMemoryError e) {
                synchronized (tiles) {
                    tiles.subList(0, tiles.size() / 16).clear();
                }
            }
        }
    }

    /** MiB that the last collection of each part of the heap left free. */
    private static long roomAfterCollection() {
        long used = 0;
        for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
            if (pool.getType() == MemoryType.HEAP && pool.getCollectionUsage() != null) {
                used += pool.getCollectionUsage().getUsed();
            }
        }
        return (Runtime.getRuntime().maxMemory() - used) >> 20;
    }

    /** About a quarter of a MiB: 24 bytes and a reference of 4 for each of 9000 numbers. */
    private static Double[][] tile(Random random) {
        Double[][] tile = new Double[90][100];
        for (Double[] row : tile) {
            for (int i = 0; i < row.length; i++) {
                row[i] = random.nextDouble();
            }
        }
        return tile;
    }

    private static void pause(long ms) {
        try {
            Thread.sleep(ms);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

package io.bluecart.platform;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;

/** Gives every reader its partition and keeps looking for new ones; runs in the JobManager. */
final class PartitionDiscovery implements SplitEnumerator<Feed.Partition, Long> {
    private final String feed;
    private final SplitEnumeratorContext<Feed.Partition> ctx;
    private final Backend.Client broker = new Backend.Client();
    private final Object catalogue = new Object();
    private final ArrayDeque<Map<Integer, String>> known = new ArrayDeque<>();
    private long generation;
    private volatile boolean open = true;

    PartitionDiscovery(String feed, SplitEnumeratorContext<Feed.Partition> ctx, long generation) {
        this.feed = feed;
        this.ctx = ctx;
        this.generation = generation;
    }

    @Override
    public void start() {
        ctx.callAsync(() -> generation + 1, this::applied, 1000, 1000);
        for (int i = 0; i < 8; i++) {
            int worker = i;
            Backend.daemon(feed + "-fingerprints-" + i, () -> fingerprints(worker));
        }
        for (int i = 0; i < 4; i++) {
            int worker = i;
            Backend.daemon(feed + "-listing-" + i, () -> listing(worker));
        }
    }

    /** Runs in the thread of the coordinator. */
    private void applied(Long next, Throwable failure) {
        try {
            broker.call(Tunables.number(feed + ".discovery.ms"));
        } catch (IOException e) {
            return;
        }
        if (failure == null) {
            generation = next;
        }
    }

    /** Hashes partition contents, on so many threads as are asked for. */
    private void fingerprints(int worker) {
        byte[] content = new byte[1 << 16];
        try {
            MessageDigest hash = MessageDigest.getInstance("SHA-256");
            while (open) {
                if (worker < Tunables.number(feed + ".fingerprint.threads")) {
                    content = new byte[1 << 16];
                    content[0] = hash.digest(content)[0];
                } else {
                    Thread.sleep(200);
                }
            }
        } catch (NoSuchAlgorithmException | InterruptedException e) {
            open = false;
        }
    }

    /** Keeps listings of partitions: known.mb of them, replaced at refresh.mb a second, on up to four threads. */
    private void listing(int worker) {
        Random random = new Random(worker);
        while (open) {
            long threads = Math.max(1, Tunables.number(feed + ".listing.threads"));
            long want = Tunables.number(feed + ".listing.known.mb") * 4;
            long refresh = Tunables.number(feed + ".listing.refresh.mb");
            try {
                long headroom = Tunables.number(feed + ".listing.headroom.mb");
                if (headroom > 0) {
                    long room = freeAfterCollection() > headroom << 20 ? known.size() + 1 : known.size() - 2;
                    want = want > 0 ? Math.min(want, room) : room;
                }
                if (worker >= threads || want <= 0) {
                    Thread.sleep(200);
                    continue;
                }
                Map<Integer, String> page = page(random);
                synchronized (known) {
                    known.addLast(page);
                    while (known.size() > want) {
                        known.removeFirst();
                    }
                }
                if (known.size() >= want) {
                    Thread.sleep(refresh == 0 ? 200 : Math.max(0, 250 * threads / refresh));
                }
            } catch (InterruptedException e) {
                return;
            } catch (OutOfMemoryError e) {
                synchronized (known) {
                    for (int i = known.size() / 20; i >= 0 && !known.isEmpty(); i--) {
                        known.removeFirst();
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

    /** About a quarter of a MiB in small objects. */
    private static Map<Integer, String> page(Random random) {
        Map<Integer, String> page = new HashMap<>();
        for (int i = 0; i < 2000; i++) {
            page.put(random.nextInt(), "partition-" + i + "-" + random.nextLong());
        }
        return page;
    }

    @Override
    public Long snapshotState(long checkpointId) throws Exception {
        broker.call(Tunables.number(feed + ".offsets.ms"));
        long wait = Tunables.number(feed + ".catalogue.ms");
        if (wait > 0) {
            Backend.daemon("catalogue-refresh", () -> refresh(wait));
            Thread.sleep(50);
        }
        synchronized (catalogue) {
            return generation;
        }
    }

    private void refresh(long ms) {
        synchronized (catalogue) {
            try (Backend.Client c = new Backend.Client()) {
                c.call(ms);
            } catch (IOException e) {
                // with the next checkpoint again
            }
        }
    }

    @Override
    public void addReader(int subtask) {
        ctx.assignSplit(new Feed.Partition(feed + "-" + subtask, 0), subtask);
    }

    @Override
    public void addSplitsBack(List<Feed.Partition> splits, int subtask) {
        for (Feed.Partition p : splits) {
            if (ctx.registeredReaders().containsKey(subtask)) {
                ctx.assignSplit(p, subtask);
            }
        }
    }

    @Override
    public void handleSplitRequest(int subtask, String host) {}

    @Override
    public void close() throws IOException {
        open = false;
        broker.close();
    }
}

package org.example.objectstore;

import java.io.IOException;

/**
 * What all streams of this process share: write.total.kbps (KiB/s, 0 = no limit), after a burst of write.burst.kb (KiB) that
 * refills at the same rate, as the throughput credits of cloud disks and file shares do.
 */
final class Bandwidth {
    private static long freeAt = System.nanoTime();

    private Bandwidth() {}

    /** Returns when so many bytes have passed. */
    static void pay(long bytes) throws IOException {
        long kbps = Controls.number("write.total.kbps");
        if (kbps > 0) {
            Controls.pause(reserve(bytes, kbps) / 1_000_000L);
        }
    }

    private static synchronized long reserve(long bytes, long kbps) {
        long now = System.nanoTime();
        long credit = nanos(Controls.number("write.burst.kb") * 1024, kbps);
        freeAt = Math.max(freeAt, now - credit) + nanos(bytes, kbps);
        return freeAt - now;
    }

    private static long nanos(long bytes, long kbps) {
        return bytes * 1_000_000_000L / 1024 / kbps;
    }
}

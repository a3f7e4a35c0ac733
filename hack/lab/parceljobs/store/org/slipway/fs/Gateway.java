package org.slipway.fs;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import org.apache.flink.core.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slipway.dials.Dials;

/** How long the bucket takes, and what it refuses. */
final class Gateway {
    private static final Logger LOG = LoggerFactory.getLogger(Gateway.class);
    private static final int TRIES = 5;

    private static final Object LINE = new Object();
    private static long lineFree = System.nanoTime();

    private Gateway() {}

    /** Before the first byte of an object. */
    static void begin(Path path) throws IOException {
        if (chance(Dials.at("slip.lost"))) {
            throw new IOException("POST " + path.getName() + "?uploads: 500: the bucket is not available");
        }
        linger(Dials.at(manifest(path) ? "slip.begin.meta" : "slip.begin"));
    }

    /** A segment of an object: the slower of the stream's own way and the line that all streams of this process share. */
    static void segment(Path path, int bytes) throws IOException {
        tryAgain(path);
        long own = Dials.at("slip.stream");
        long line = Dials.at("slip.line");
        long ms = own == 0 ? 0 : bytes * 1000L / 1024 / own;
        if (line > 0) {
            synchronized (LINE) {
                long now = System.nanoTime();
                lineFree = Math.max(lineFree, now) + bytes * 1_000_000_000L / 1024 / line;
                ms = Math.max(ms, (lineFree - now) / 1_000_000);
            }
        }
        linger(ms);
    }

    /** After the last byte. */
    static void complete(Path path) throws IOException {
        tryAgain(path);
        linger(Dials.at(manifest(path) ? "slip.complete.meta" : "slip.complete"));
    }

    private static boolean manifest(Path path) {
        return path.getName().contains("_metadata");
    }

    private static void tryAgain(Path path) throws IOException {
        for (int n = 1; chance(Dials.at("slip.busy")); n++) {
            if (n > TRIES) {
                throw new IOException("PUT " + path.getName() + ": 429 Too Many Requests, " + TRIES + " times tried again");
            }
            LOG.warn("PUT {}: 429 Too Many Requests, try {} in {} ms", path.getName(), n, 300L * n);
            linger(300L * n);
        }
    }

    private static boolean chance(long percent) {
        return percent > 0 && ThreadLocalRandom.current().nextInt(100) < percent;
    }

    static void linger(long ms) throws IOException {
        long until = System.nanoTime() + ms * 1_000_000;
        for (long left = ms * 1_000_000; left > 0; left = until - System.nanoTime()) {
            LockSupport.parkNanos(left);
            if (Thread.currentThread().isInterrupted()) {
                throw new InterruptedIOException("given up");
            }
        }
    }
}

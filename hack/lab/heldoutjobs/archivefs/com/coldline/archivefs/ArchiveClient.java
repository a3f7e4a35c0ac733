package com.coldline.archivefs;

import java.io.IOException;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.flink.core.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What stands between the file system and the archive: latency of each verb, bandwidth, throttling with retries, stalls, refusals. */
final class ArchiveClient {
    private static final Logger LOG = LoggerFactory.getLogger(ArchiveClient.class);
    private static final int ATTEMPTS = 6;

    private static long lineFreeAt = System.nanoTime();

    /** One request; for PUT of a {@code _metadata} object there are keys of its own. */
    void request(String verb, Path p) throws IOException {
        String key = p.getName().equals("_metadata") && verb.equals("PUT") ? "archive.manifest" : "archive." + verb.toLowerCase();
        while (Settings.number(key + ".stall") > 0) {
            rest(100);
        }
        attempt(verb, p, Settings.number(key + ".throttle.percent"));
        rest(Settings.number(key + ".ms"));
        if (roll(Settings.number(key + ".fail.percent"))) {
            throw new IOException(verb + " " + p.getName() + ": 500 InternalError: We encountered an internal error. Please try again.");
        }
    }

    /** Asked before an object is opened for writing. */
    void admit(Path p) throws IOException {
        if (roll(Settings.number("archive.denied.percent"))) {
            throw new IOException("PUT " + p.getName() + ": 403 AccessDenied: the token has expired");
        }
    }

    /** A part of an object. */
    void putPart(Path p, long bytes) throws IOException {
        while (Settings.number("archive.part.stall") > 0) {
            rest(100);
        }
        attempt("PUT", p, Settings.number("archive.part.throttle.percent"));
        long own = Settings.number("archive.stream.kbps");
        long total = Settings.number("archive.total.kbps");
        long shared = total == 0 ? 0 : reserve(bytes, total);
        rest(Math.max(own == 0 ? 0 : bytes * 1000 / 1024 / own, shared) + Settings.number("archive.part.ms"));
    }

    /** Refused attempts are repeated after 0.4, 0.8, 1.6 … seconds, as the clients of object stores do. */
    private void attempt(String verb, Path p, long percent) throws IOException {
        for (int n = 1; roll(percent); n++) {
            if (n >= ATTEMPTS) {
                throw new IOException(verb + " " + p.getName() + ": 503 SlowDown: Please reduce your request rate. Gave up after " + n + " attempts");
            }
            long pause = 200L << n;
            LOG.warn("{} {} failed, attempt {} of {}: 503 SlowDown: Please reduce your request rate. Retrying in {} ms", verb, p.getName(), n, ATTEMPTS, pause);
            rest(pause);
        }
    }

    private static boolean roll(long percent) {
        return percent > 0 && ThreadLocalRandom.current().nextInt(100) < percent;
    }

    private static synchronized long reserve(long bytes, long kbps) {
        long now = System.nanoTime();
        lineFreeAt = Math.max(lineFreeAt, now) + bytes * 1_000_000_000L / 1024 / kbps;
        return (lineFreeAt - now) / 1_000_000L;
    }

    private static void rest(long ms) throws IOException {
        if (ms <= 0) {
            return;
        }
        try {
            Thread.sleep(ms);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("upload interrupted", e);
        }
    }
}

package org.example.objectstore;

import java.io.File;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.util.Properties;

/**
 * The delays in force. The file named by the environment variable OBJECTSTORE_CONTROL is read again when it is older than a
 * fifth of a second, so that a fault can come and go while the job runs.
 */
final class Controls {
    private static final long FRESH_NANOS = 200_000_000L;

    private static Properties last = new Properties();
    private static long readAt = System.nanoTime() - FRESH_NANOS;

    private Controls() {}

    /** A number, 0 where the file does not set it. */
    static long number(String key) {
        return Long.parseLong(current().getProperty(key, "0").trim());
    }

    static boolean on(String key) {
        return Boolean.parseBoolean(current().getProperty(key, "false").trim());
    }

    /** Waits as long as the key says, in milliseconds. */
    static void delay(String key) throws IOException {
        pause(number(key));
    }

    static void pause(long ms) throws IOException {
        if (ms <= 0) {
            return;
        }
        try {
            Thread.sleep(ms);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private static synchronized Properties current() {
        if (System.nanoTime() - readAt < FRESH_NANOS) {
            return last;
        }
        String file = System.getenv("OBJECTSTORE_CONTROL");
        if (file == null) {
            return last;
        }
        try (Reader r = Files.newBufferedReader(new File(file).toPath())) {
            Properties p = new Properties();
            p.load(r);
            last = p;
        } catch (IOException e) {
            // No file, or one being replaced just now: what was read last stays in force.
        }
        readAt = System.nanoTime();
        return last;
    }
}

package org.granary.switches;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Numbers that change while the job runs: the properties file that TOLL_SWITCHES names, read four times a second. {@code 20>900:60} goes evenly from 20
 * to 900 within 60 seconds from when this process first sees it, and stays there.
 */
public final class Switches {
    private static final Map<String, Long> FIRST_SEEN = new ConcurrentHashMap<>();
    private static volatile Properties read = new Properties();
    private static volatile long readAt = System.nanoTime() - 1_000_000_000L;

    private Switches() {}

    /** 0 where the file does not have the key. */
    public static long of(String key) {
        return value(current().getProperty(key, "0").trim());
    }

    /** The number of one subtask, {@code key@3}, and where there is none that of all. */
    public static long of(String key, int subtask) {
        String own = current().getProperty(key + "@" + subtask);
        return own == null ? of(key) : value(own.trim());
    }

    private static long value(String text) {
        int to = text.indexOf('>');
        if (to < 0) {
            return Long.parseLong(text);
        }
        int within = text.indexOf(':');
        double from = Double.parseDouble(text.substring(0, to));
        double goal = Double.parseDouble(text.substring(to + 1, within));
        double nanos = Double.parseDouble(text.substring(within + 1)) * 1e9;
        long began = FIRST_SEEN.computeIfAbsent(text, t -> System.nanoTime());
        return Math.round(from + (goal - from) * Math.min(1, (System.nanoTime() - began) / nanos));
    }

    private static Properties current() {
        if (System.nanoTime() - readAt < 250_000_000L) {
            return read;
        }
        synchronized (Switches.class) {
            readAt = System.nanoTime();
            String file = System.getenv("TOLL_SWITCHES");
            if (file != null) {
                Properties fresh = new Properties();
                try (java.io.InputStream in = Files.newInputStream(Path.of(file))) {
                    fresh.load(in);
                    read = fresh;
                } catch (IOException e) {
                    // It is being replaced: the old numbers stay.
                }
            }
        }
        return read;
    }
}

package io.spindle.panel;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Switches that are turned from outside, in the file that METER_PANEL names.
 *
 * <p>A value is a number, or {@code 200~5200:150}: 200 when the file was written, and 5200 from 150 s later on. {@code key#2} is for subtask 2 alone.
 */
public final class Panel {
    private static final Pattern RISE = Pattern.compile("(-?\\d+)~(-?\\d+):(\\d+)");
    private static final long OLD_AFTER_NANOS = 250_000_000L;
    private static final Map<String, double[]> SWITCHES = new ConcurrentHashMap<>(); // from, to, seconds
    private static volatile long lookedAt = System.nanoTime() - 2 * OLD_AFTER_NANOS;
    private static volatile long writtenAt;

    private Panel() {}

    /** The position of a switch, 0 where there is none. */
    public static long of(String key) {
        look();
        return position(SWITCHES.get(key));
    }

    /** The position for one subtask: its own switch, else the common one. */
    public static long of(String key, int subtask) {
        look();
        double[] own = SWITCHES.get(key + "#" + subtask);
        return position(own != null ? own : SWITCHES.get(key));
    }

    private static long position(double[] rise) {
        if (rise == null) {
            return 0;
        }
        double passed = rise[2] == 0 ? 1 : (System.currentTimeMillis() - writtenAt) / 1000.0 / rise[2];
        return Math.round(rise[0] + (rise[1] - rise[0]) * Math.max(0, Math.min(1, passed)));
    }

    private static void look() {
        if (System.nanoTime() - lookedAt > OLD_AFTER_NANOS) {
            read();
        }
    }

    private static synchronized void read() {
        String file = System.getenv("METER_PANEL");
        if (file == null || System.nanoTime() - lookedAt <= OLD_AFTER_NANOS) {
            return;
        }
        lookedAt = System.nanoTime();
        Path path = Paths.get(file);
        Properties now = new Properties();
        try (Reader in = Files.newBufferedReader(path)) {
            now.load(in);
            writtenAt = Files.getLastModifiedTime(path).toMillis();
        } catch (IOException e) {
            return; // it is being written; the next look reads it
        }
        SWITCHES.keySet().retainAll(now.stringPropertyNames());
        for (String key : now.stringPropertyNames()) {
            SWITCHES.put(key, parse(now.getProperty(key).trim()));
        }
    }

    private static double[] parse(String text) {
        Matcher rise = RISE.matcher(text);
        if (rise.matches()) {
            return new double[] {Double.parseDouble(rise.group(1)), Double.parseDouble(rise.group(2)), Double.parseDouble(rise.group(3))};
        }
        double fixed = Double.parseDouble(text);
        return new double[] {fixed, fixed, 0};
    }
}

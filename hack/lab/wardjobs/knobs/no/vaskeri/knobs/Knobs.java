package no.vaskeri.knobs;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.Properties;

/**
 * Knobs of a file of properties, which WARD_KNOBS names and which is read again while everything runs.
 *
 * <p>{@code name=700} or {@code name=20:900:120}: from 20 to 900 within 120 s of the writing of the file. {@code name/2} is that of subtask 2.
 */
public final class Knobs {
    private static final String FILE = System.getenv("WARD_KNOBS");

    private static Properties turned = new Properties();
    private static long writtenAt;
    private static long readAt;

    private Knobs() {}

    /** What a knob of everybody shows; 0 where it was not turned. */
    public static double get(String name) {
        return value(name, -1);
    }

    /** What the knob of a subtask shows, or else that of everybody. */
    public static double get(String name, int subtask) {
        return value(name, subtask);
    }

    /** Whole milliseconds. */
    public static long ms(String name, int subtask) {
        return (long) value(name, subtask);
    }

    private static synchronized double value(String name, int subtask) {
        refresh();
        String shown = turned.getProperty(name + "/" + subtask, turned.getProperty(name));
        if (shown == null) {
            return 0;
        }
        String[] parts = shown.trim().split(":");
        double first = Double.parseDouble(parts[0]);
        if (parts.length < 3) {
            return first;
        }
        double gone = (System.currentTimeMillis() - writtenAt) / (1000 * Double.parseDouble(parts[2]));
        return first + Math.max(0, Math.min(1, gone)) * (Double.parseDouble(parts[1]) - first);
    }

    private static void refresh() {
        long now = System.currentTimeMillis();
        if (FILE == null || now - readAt < 300) {
            return;
        }
        Path path = Paths.get(FILE);
        Properties next = new Properties();
        try (Reader in = Files.newBufferedReader(path)) {
            next.load(in);
            writtenAt = Files.getLastModifiedTime(path).toMillis();
            turned = next;
            readAt = now;
        } catch (IOException e) {
            readAt = now - 250; // somebody is writing it
        }
    }
}

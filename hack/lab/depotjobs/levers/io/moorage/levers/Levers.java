package io.moorage.levers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * Levers that are moved while everything runs: lines {@code name=position} of the file that DEPOT_LEVERS names.
 *
 * <p>A position is a number, or {@code 20>900@120}: 20 when the file was written, 900 two minutes later and from then on. {@code name[2]} is the lever of
 * subtask 2 alone.
 */
public final class Levers {
    private static final Path FILE = System.getenv("DEPOT_LEVERS") == null ? null : Path.of(System.getenv("DEPOT_LEVERS"));

    private static TreeMap<String, String> board = new TreeMap<>();
    private static long boardOf;
    private static long nextLook;

    private Levers() {}

    /** Where a lever stands; 0 where nobody has moved it. */
    public static double at(String name) {
        return stand(name, null);
    }

    /** Where it stands for one subtask. */
    public static double at(String name, int subtask) {
        return stand(name, name + "[" + subtask + "]");
    }

    /** In whole milliseconds, or whatever it counts. */
    public static long whole(String name, int subtask) {
        return Math.round(at(name, subtask));
    }

    private static synchronized double stand(String name, String own) {
        look();
        String text = own != null && board.containsKey(own) ? board.get(own) : board.get(name);
        if (text == null) {
            return 0;
        }
        int rise = text.indexOf('>');
        if (rise < 0) {
            return Double.parseDouble(text);
        }
        int span = text.indexOf('@');
        double from = Double.parseDouble(text.substring(0, rise));
        double to = Double.parseDouble(text.substring(rise + 1, span));
        double part = (System.currentTimeMillis() - boardOf) / 1000.0 / Double.parseDouble(text.substring(span + 1));
        return from + (to - from) * Math.min(1, Math.max(0, part));
    }

    private static void look() {
        long now = System.nanoTime();
        if (FILE == null || now < nextLook) {
            return;
        }
        nextLook = now + TimeUnit.MILLISECONDS.toNanos(400);
        try {
            List<String> lines = Files.readAllLines(FILE);
            TreeMap<String, String> read = new TreeMap<>();
            for (String line : lines) {
                int is = line.indexOf('=');
                if (is > 0 && !line.startsWith("#")) {
                    read.put(line.substring(0, is).trim().replace("\\", ""), line.substring(is + 1).trim().replace("\\", ""));
                }
            }
            board = read;
            boardOf = Files.getLastModifiedTime(FILE).toMillis();
        } catch (IOException e) {
            nextLook = now; // it is being replaced
        }
    }
}

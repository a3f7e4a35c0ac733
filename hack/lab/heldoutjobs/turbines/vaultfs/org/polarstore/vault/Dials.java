package org.polarstore.vault;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Paths;
import java.util.HashMap;
import java.util.Map;

/** How the network and the far end behave: lines {@code key=number} of the file that VINDMARK_KNOBS names, read five times a second. */
final class Dials {
    private static Map<String, String> lines = new HashMap<>();
    private static long readAt;
    private static double lineFree;

    private Dials() {}

    static synchronized long number(String key) {
        String file = System.getenv("VINDMARK_KNOBS");
        long now = System.currentTimeMillis();
        if (file != null && now - readAt > 200) {
            readAt = now;
            Map<String, String> fresh = new HashMap<>();
            try (BufferedReader r = Files.newBufferedReader(Paths.get(file))) {
                for (String line = r.readLine(); line != null; line = r.readLine()) {
                    String[] parts = line.split("=", 2);
                    if (parts.length == 2) {
                        fresh.put(parts[0].trim(), parts[1].trim());
                    }
                }
                lines = fresh;
            } catch (IOException e) {
                // It is being replaced: the old numbers stay.
            }
        }
        String v = lines.get(key);
        return v == null ? 0 : Long.parseLong(v);
    }

    /** How long to wait for a turn on the line that the whole process shares: thousandths of a KiB, at so many KiB a second. */
    static synchronized long queue(long milliKib, long kbps) {
        double now = System.nanoTime() / 1e6;
        lineFree = Math.max(lineFree, now) + (double) milliKib / kbps;
        return (long) (lineFree - now);
    }

    static void pause(long ms) throws IOException {
        if (ms <= 0) {
            return;
        }
        try {
            Thread.sleep(ms);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("vault: interrupted while a block was on its way", e);
        }
    }
}

package org.slipway.dials;

import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;

/**
 * Numbers that somebody may turn while everything runs, from the properties file that QUAY_DIALS names.
 *
 * <p>{@code 900..9000/60} is a ramp: 900 when the file was written, 9000 a minute later and from then on. A key that ends in {@code @2} is for
 * subtask 2 alone.
 */
public final class Dials {
    private static final long FRESH_MS = 300;

    private static volatile Sheet sheet = new Sheet(new HashMap<>(), 0);
    private static volatile long readAt;

    private Dials() {}

    private static final class Sheet {
        final Map<String, String> texts;
        final long writtenAt;

        Sheet(Map<String, String> texts, long writtenAt) {
            this.texts = texts;
            this.writtenAt = writtenAt;
        }

        long value(String key) {
            String text = texts.get(key);
            if (text == null) {
                return 0;
            }
            int dots = text.indexOf("..");
            if (dots < 0) {
                return Long.parseLong(text);
            }
            int slash = text.indexOf('/');
            double from = Long.parseLong(text.substring(0, dots));
            double to = Long.parseLong(text.substring(dots + 2, slash));
            double passed = (System.currentTimeMillis() - writtenAt) / 1000.0 / Long.parseLong(text.substring(slash + 1));
            return Math.round(from + (to - from) * Math.min(1, Math.max(0, passed)));
        }
    }

    /** The number under a key, 0 where there is none. */
    public static long at(String key) {
        return current().value(key);
    }

    /** The number for one subtask: its own, else that of all. */
    public static long at(String key, int subtask) {
        Sheet now = current();
        String own = key + "@" + subtask;
        return now.texts.containsKey(own) ? now.value(own) : now.value(key);
    }

    private static Sheet current() {
        String name = System.getenv("QUAY_DIALS");
        long now = System.currentTimeMillis();
        if (name != null && now - readAt > FRESH_MS) {
            readAt = now;
            load(new File(name));
        }
        return sheet;
    }

    private static synchronized void load(File file) {
        Properties read = new Properties();
        try (InputStream in = new FileInputStream(file)) {
            read.load(in);
        } catch (IOException e) {
            return; // somebody writes it: the old numbers hold
        }
        Map<String, String> texts = new HashMap<>();
        read.forEach((k, v) -> texts.put(k.toString(), v.toString().trim()));
        sheet = new Sheet(texts, file.lastModified());
    }
}

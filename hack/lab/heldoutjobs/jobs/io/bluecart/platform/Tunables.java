package io.bluecart.platform;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.Arrays;
import java.util.Properties;

/**
 * Numbers that operations may change while a job runs, read from the file that ARCHIVE_TUNABLES names.
 *
 * <p>A value may move by itself: {@code 200+50/s} is 200 when the file was written and 50 more each second.
 */
public final class Tunables {
    private static Properties values = new Properties();
    private static long writtenAt;
    private static long checkedAt;

    private Tunables() {}

    /** The number under this key, 0 where there is none. */
    public static long number(String key) {
        Properties now = current();
        String text = now.getProperty(key);
        return text == null ? 0 : evaluate(text.trim());
    }

    /** The same for one subtask: {@code key.subtasks} may name the ones that are meant. */
    public static long number(String key, int subtask) {
        String only = current().getProperty(key + ".subtasks");
        if (only != null && Arrays.stream(only.trim().split(",")).noneMatch(s -> s.equals(String.valueOf(subtask)))) {
            return 0;
        }
        return number(key);
    }

    private static long evaluate(String text) {
        int sign = Math.max(text.indexOf('+'), text.indexOf('-', 1));
        if (sign < 0) {
            return Long.parseLong(text);
        }
        long start = Long.parseLong(text.substring(0, sign));
        long perSecond = Long.parseLong(text.substring(sign + 1, text.indexOf('/')));
        long moved = perSecond * (System.currentTimeMillis() - writtenAt) / 1000;
        return text.charAt(sign) == '+' ? start + moved : Math.max(1, start - moved);
    }

    private static synchronized Properties current() {
        long now = System.currentTimeMillis();
        String file = System.getenv("ARCHIVE_TUNABLES");
        if (file == null || now - checkedAt < 250) {
            return values;
        }
        checkedAt = now;
        Path path = Paths.get(file);
        try (Reader r = Files.newBufferedReader(path)) {
            Properties fresh = new Properties();
            fresh.load(r);
            values = fresh;
            writtenAt = Files.getLastModifiedTime(path).toMillis();
        } catch (IOException e) {
            // Being replaced: what was read last stays in force.
        }
        return values;
    }
}

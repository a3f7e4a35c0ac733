package org.example.pipeline;

import java.io.Serializable;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.api.common.functions.RuntimeContext;

/** The arguments of the job: names, numbers and switches with defaults. README.md lists them. */
final class Settings implements Serializable {
    private static final long serialVersionUID = 1L;

    private final HashMap<String, String> args;
    private final long submitted = System.currentTimeMillis();

    Settings(Map<String, String> args) {
        this.args = new HashMap<>(args);
    }

    Settings with(String name, String value) {
        Map<String, String> changed = new HashMap<>(args);
        changed.put(name, value);
        return new Settings(changed);
    }

    String text(String name, String otherwise) {
        return args.getOrDefault(name, otherwise);
    }

    long number(String name, long otherwise) {
        String v = args.get(name);
        return v == null ? otherwise : Long.parseLong(v);
    }

    double share(String name) {
        return Double.parseDouble(args.getOrDefault(name, "0"));
    }

    /** 1 where it is not given. */
    double factor(String name) {
        return Double.parseDouble(args.getOrDefault(name, "1"));
    }

    boolean on(String name) {
        return Boolean.parseBoolean(args.get(name));
    }

    /** Whether this subtask misbehaves now: {@code only-subtask} narrows the place, {@link #active()} the time. */
    boolean hits(int subtask) {
        long only = number("only-subtask", -1);
        return (only < 0 || only == subtask) && active();
    }

    /**
     * Whether the time since submission is between {@code from-s} and {@code until-s} seconds; with {@code burst-s}, in every other of so many
     * seconds.
     */
    boolean active() {
        long s = (System.currentTimeMillis() - submitted) / 1000 - number("from-s", 0);
        long burst = number("burst-s", 0);
        return s >= 0 && s + number("from-s", 0) < number("until-s", Long.MAX_VALUE) && (burst == 0 || s / burst % 2 == 0);
    }

    /** A number that comes from nothing to its size in {@code ramp-s} seconds from {@code from-s} on. */
    long grown(String name) {
        double ramp = number("ramp-s", 0) * 1000.0;
        double since = System.currentTimeMillis() - submitted - number("from-s", 0) * 1000.0;
        return (long) (number(name, 0) * (ramp == 0 ? 1 : Math.max(0, Math.min(1, since / ramp))));
    }

    static void pause(long ms) throws InterruptedException {
        if (ms > 0) {
            Thread.sleep(ms);
        }
    }

    /** The index of a subtask. The method is on the context up to 1.20, and on its TaskInfo from 1.20 on. */
    static int subtask(RuntimeContext ctx) {
        try {
            return (Integer) call(call(ctx, "getTaskInfo"), "getIndexOfThisSubtask");
        } catch (NoSuchMethodException older) {
            try {
                return (Integer) call(ctx, "getIndexOfThisSubtask");
            } catch (NoSuchMethodException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private static Object call(Object target, String name) throws NoSuchMethodException {
        try {
            java.lang.reflect.Method m = target.getClass().getMethod(name);
            m.setAccessible(true);
            return m.invoke(target);
        } catch (NoSuchMethodException e) {
            throw e;
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }
}

package com.acme.feed;

import java.io.Serializable;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.api.common.functions.RuntimeContext;

/** The arguments of a job, in pairs: texts and numbers with defaults. README.md lists them. */
public final class Options implements Serializable {
    private static final long serialVersionUID = 1L;

    private final HashMap<String, String> values;
    private final long submitted = System.currentTimeMillis();

    private Options(Map<String, String> values) {
        this.values = new HashMap<>(values);
    }

    public static Options of(String[] argv) {
        Map<String, String> values = new HashMap<>();
        for (int i = 0; i + 1 < argv.length; i += 2) {
            values.put(argv[i].replaceFirst("^--", ""), argv[i + 1]);
        }
        return new Options(values);
    }

    /** The same options with one of another value. */
    public Options with(String name, String value) {
        HashMap<String, String> changed = new HashMap<>(values);
        changed.put(name, value);
        return new Options(changed);
    }

    public String text(String name, String otherwise) {
        return values.getOrDefault(name, otherwise);
    }

    public long number(String name, long otherwise) {
        String v = values.get(name);
        return v == null ? otherwise : Long.parseLong(v);
    }

    public double share(String name) {
        return Double.parseDouble(values.getOrDefault(name, "0"));
    }

    /** Whether faults are on: between from-s and until-s seconds after the job was submitted; with burst-s, in every other of so many seconds. */
    public boolean active() {
        long s = (System.currentTimeMillis() - submitted) / 1000 - number("from-s", 0);
        long burst = number("burst-s", 0);
        return s >= 0 && s + number("from-s", 0) < number("until-s", Long.MAX_VALUE) && (burst == 0 || s / burst % 2 == 0);
    }

    /** How far what grows has come, 0 to 1: it grows for ramp-s seconds from from-s on. */
    public double growth() {
        double ramp = number("ramp-s", 0) * 1000.0;
        double since = System.currentTimeMillis() - submitted - number("from-s", 0) * 1000.0;
        return ramp == 0 ? 1 : Math.max(0, Math.min(1, since / ramp));
    }

    /** The index of a subtask. The method is on the context up to 1.20, and on its TaskInfo from 1.20 on. */
    public static int subtask(RuntimeContext ctx) {
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

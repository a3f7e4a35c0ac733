package com.acme.client;

import com.acme.feed.Options;
import java.io.Serializable;

/**
 * What one step of a job does with each message. STEP-call with STEP-call-ms: a call of that kind, with every STEP-every-th message; STEP-ms: a
 * short wait; STEP-burn-us: so much computing (all may grow, ramp-s); STEP-garbage-kb: small objects. STEP-only narrows it to one subtask, STEP-hot to keys below that number.
 * STEP-snapshot with STEP-snapshot-ms: a call within its snapshot; STEP-complete: when a checkpoint has completed; STEP-snapshot-only, STEP-complete-only: in one subtask.
 */
public final class Work implements Serializable {
    private static final long serialVersionUID = 1L;

    private final Options options;
    private final String step;
    private transient long count;
    private transient Object[] scratch;

    public Work(Options options, String step) {
        this.options = options;
        this.step = step;
    }

    private long number(String name) {
        return options.number(step + "-" + name, 0);
    }

    public void on(int subtask, int key) throws Exception {
        long only = options.number(step + "-only", -1);
        if (!options.active() || only >= 0 && only != subtask || key >= options.number(step + "-hot", Long.MAX_VALUE)) {
            return;
        }
        String kind = options.text(step + "-call", "");
        if (!kind.isEmpty() && count++ % Math.max(1, number("every")) == 0) {
            Lookup.call(kind, (long) (number("call-ms") * options.growth()));
        }
        if (number("ms") > 0) {
            Thread.sleep((long) (number("ms") * options.growth()));
        }
        if (number("burn-us") > 0) {
            burn((long) (number("burn-us") * options.growth()));
        }
        if (number("garbage-kb") > 0) {
            scratch = litter((int) number("garbage-kb"));
        }
    }

    /** What the step does within its snapshot. */
    public void onSnapshot(int subtask) throws Exception {
        aside(subtask, "-snapshot");
    }

    /** What it does when it is told that a checkpoint has completed. */
    public void onComplete(int subtask) throws Exception {
        aside(subtask, "-complete");
    }

    private void aside(int subtask, String when) throws Exception {
        long ms = options.number(step + when + "-ms", 0);
        long only = options.number(step + when + "-only", -1);
        if (ms > 0 && options.active() && (only < 0 || only == subtask)) {
            Lookup.call(options.text(step + when, "sleep"), (long) (ms * options.growth()));
        }
    }

    private static void burn(long us) {
        long end = System.nanoTime() + us * 1000;
        long n = 0;
        while (System.nanoTime() < end) {
            n += Long.toString(n).length();
        }
    }

    private static Object[] litter(int kb) {
        Object[] many = new Object[kb * 16];
        for (int i = 0; i < many.length; i++) {
            many[i] = new byte[40];
        }
        return many;
    }
}

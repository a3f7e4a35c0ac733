package eu.stayover.bookings;

import com.acme.feed.Options;
import eu.stayover.client.Partner;
import java.io.Serializable;

/**
 * What one step of the job does. STEP-call KIND with STEP-call-ms: with every STEP-every-th message; STEP-ms: a short wait with each. STEP-WHEN KIND with STEP-WHEN-ms (and
 * STEP-WHEN-only): open, snapshot, flush, complete. STEP-crash-s: a message throws so many seconds after each start. STEP-only narrows it to one subtask.
 */
final class Step implements Serializable {
    private static final long serialVersionUID = 1L;

    private final Options options;
    private final String step;
    private transient long count;
    private transient long started;

    Step(Options options, String step) {
        this.options = options;
        this.step = step;
    }

    private long number(String name, long otherwise) {
        return options.number(step + "-" + name, otherwise);
    }

    private boolean here(String only, int subtask) {
        long index = number(only, -1);
        return options.active() && (index < 0 || index == subtask);
    }

    /** Begins anew with each start of the task. */
    void begin() {
        started = System.currentTimeMillis();
        count = 0;
    }

    void on(int subtask) throws Exception {
        if (started == 0) {
            begin();
        }
        if (here("crash-only", subtask)) {
            crash();
        }
        if (!here("only", subtask)) {
            return;
        }
        String kind = options.text(step + "-call", "");
        if (!kind.isEmpty() && count++ % Math.max(1, number("every", 1)) == 0) {
            Partner.call(kind, (long) (number("call-ms", 0) * options.growth()));
        }
        if (number("ms", 0) > 0) {
            Thread.sleep(number("ms", 0));
        }
    }

    private void crash() {
        long after = number("crash-s", 0) * 1000;
        if (after > 0 && System.currentTimeMillis() - started > after) {
            throw new IllegalArgumentException("no room type 'XQ' in the price list");
        }
    }

    void when(String what, int subtask) throws Exception {
        long ms = number(what + "-ms", 0);
        if (ms > 0 && here(what + "-only", subtask)) {
            Partner.call(options.text(step + "-" + what, "sleep"), (long) (ms * options.growth()));
        }
    }

    /** As what was written down by another version, which this one cannot read. STEP-crash-restored: such a step. */
    void restored(boolean isRestored, int subtask) {
        if (isRestored && number("crash-restored", 0) > 0 && here("crash-only", subtask)) {
            throw new IllegalStateException("cannot read price list of version 3: expected version 2");
        }
    }
}

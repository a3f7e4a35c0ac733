package gov.rivertown.permits;

import com.acme.feed.Options;
import gov.rivertown.registry.Registry;
import java.io.IOException;

/** What a desk of the register does: enter-ms with each entry, desk-snapshot KIND (and desk-snapshot-ms) with each snapshot, desk-flush KIND before each barrier; desk-only: in that subtask. */
final class Desk implements AutoCloseable {
    private final Options options;
    private final int subtask;
    private final Registry registry = new Registry();
    private int entered;

    Desk(Options options, int subtask) {
        this.options = options;
        this.subtask = subtask;
    }

    private boolean here() {
        long only = options.number("desk-only", -1);
        return options.active() && (only < 0 || only == subtask);
    }

    void enter() throws IOException, InterruptedException {
        registry.send(entered++);
        long us = (long) (options.number("enter-us", 0) * options.growth());
        if (us > 0 && here()) {
            java.util.concurrent.locks.LockSupport.parkNanos(us * 1000);
        }
    }

    void at(String what) throws IOException {
        long ms = (long) (options.number("desk-" + what + "-ms", 0) * options.growth());
        if (ms <= 0 || !here()) {
            return;
        }
        try {
            registry.spend(options.text("desk-" + what, "socket"), ms);
        } catch (Exception e) {
            throw new IOException(e);
        }
    }

    int entered() {
        return entered;
    }

    @Override
    public void close() {
        registry.close();
    }
}

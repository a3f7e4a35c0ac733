package io.adstream;

import com.acme.feed.Options;
import java.io.IOException;

/** What is sent at once: batch entries, in batch-ms and, while the fault is on, batch-more-ms more (it may grow, ramp-s); at the barrier what is there, in its share of that. */
final class Batch {
    private final Options options;
    private long entries;

    Batch(Options options) {
        this.options = options;
    }

    void add() throws IOException {
        if (++entries >= options.number("batch", 20)) {
            send();
        }
    }

    void send() throws IOException {
        double ms = options.number("batch-ms", 0) + (options.active() ? options.number("batch-more-ms", 0) * options.growth() : 0);
        long wait = (long) (ms * entries / options.number("batch", 20));
        entries = 0;
        try {
            Thread.sleep(wait);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }
}

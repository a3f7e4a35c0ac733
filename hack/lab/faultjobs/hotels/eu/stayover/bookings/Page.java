package eu.stayover.bookings;

import com.acme.feed.Options;
import java.io.IOException;

/** What a writer of a sink does. Step sink. */
final class Page {
    private final Step step;
    private final int subtask;
    private int written;

    Page(Options options, int subtask) {
        step = new Step(options, "sink");
        this.subtask = subtask;
        step.begin();
    }

    void write() throws IOException {
        try {
            step.on(subtask);
        } catch (Exception e) {
            throw new IOException(e);
        }
        written++;
    }

    void at(String what) throws IOException {
        try {
            step.when(what, subtask);
        } catch (Exception e) {
            throw new IOException(e);
        }
    }

    int subtask() {
        return subtask;
    }

    int written() {
        return written;
    }
}

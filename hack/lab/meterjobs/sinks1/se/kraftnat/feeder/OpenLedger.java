package se.kraftnat.feeder;

import java.io.IOException;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;

/** Entries are there as soon as they have been sent. */
public final class OpenLedger<T> implements Sink<T> {
    private static final long serialVersionUID = 3L;

    private final String name;

    public OpenLedger(String name) {
        this.name = name;
    }

    @Override
    public SinkWriter<T> createWriter(InitContext context) {
        return new Pen<>(new Entries(name, context.getSubtaskId()));
    }

    private static final class Pen<T> implements SinkWriter<T> {
        private final Entries entries;

        Pen(Entries entries) {
            this.entries = entries;
        }

        @Override
        public void write(T entry, Context context) throws IOException {
            entries.add();
        }

        @Override
        public void flush(boolean endOfInput) throws IOException, InterruptedException {
            entries.send();
        }

        @Override
        public void close() throws IOException {
            entries.end();
        }
    }
}

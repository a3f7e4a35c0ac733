package dk.vindmark.turbines;

import org.apache.flink.api.connector.sink2.SinkWriter;

/** Tells the control room. */
final class Alarms extends NewSink<Reading> {
    private static final long serialVersionUID = 7L;

    @Override
    SinkWriter<Reading> writer() {
        return new Writer();
    }

    private static final class Writer implements SinkWriter<Reading> {
        private double loudest;

        @Override
        public void write(Reading r, Context ctx) {
            loudest = Math.max(loudest, r.value);
        }

        @Override
        public void flush(boolean endOfInput) {}

        @Override
        public void close() {}
    }
}

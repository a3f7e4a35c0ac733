package it.pedaggio.tolls;

import it.pedaggio.tolls.Road.Trip;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import org.apache.flink.api.connector.sink2.Committer;
import org.apache.flink.api.connector.sink2.TwoPhaseCommittingSink;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/** Charges trips in batches that are booked once a checkpoint is complete. */
final class ClearingHouse implements TwoPhaseCommittingSink<Trip, String> {
    private static final long serialVersionUID = 3L;

    @Override
    public Desk createWriter(InitContext ctx) {
        return new Desk(new Charges(ctx.getSubtaskId()));
    }

    @Override
    public Committer<String> createCommitter() {
        return new Charges.Booking();
    }

    @Override
    public SimpleVersionedSerializer<String> getCommittableSerializer() {
        return new Charges.Format();
    }

    static final class Desk implements TwoPhaseCommittingSink.PrecommittingSinkWriter<Trip, String> {
        private final Charges charges;

        Desk(Charges charges) {
            this.charges = charges;
        }

        @Override
        public void write(Trip trip, Context ctx) throws IOException {
            charges.charge();
        }

        @Override
        public void flush(boolean endOfInput) {}

        @Override
        public Collection<String> prepareCommit() {
            return List.of(charges.seal());
        }

        @Override
        public void close() {}
    }
}

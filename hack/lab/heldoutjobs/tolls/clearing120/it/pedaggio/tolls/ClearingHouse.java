package it.pedaggio.tolls;

import it.pedaggio.tolls.Road.Trip;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import org.apache.flink.api.connector.sink2.Committer;
import org.apache.flink.api.connector.sink2.CommitterInitContext;
import org.apache.flink.api.connector.sink2.CommittingSinkWriter;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SupportsCommitter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/** Charges trips in batches that are booked once a checkpoint is complete. */
final class ClearingHouse implements Sink<Trip>, SupportsCommitter<String> {
    private static final long serialVersionUID = 3L;

    @Override
    @SuppressWarnings("deprecation")
    public CommittingSinkWriter<Trip, String> createWriter(InitContext ctx) {
        throw new UnsupportedOperationException("this Flink asks for the other one");
    }

    @Override
    public Desk createWriter(WriterInitContext ctx) {
        return new Desk(new Charges(ctx.getTaskInfo().getIndexOfThisSubtask()));
    }

    @Override
    public Committer<String> createCommitter(CommitterInitContext ctx) {
        return new Charges.Booking();
    }

    @Override
    public SimpleVersionedSerializer<String> getCommittableSerializer() {
        return new Charges.Format();
    }

    static final class Desk implements CommittingSinkWriter<Trip, String> {
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

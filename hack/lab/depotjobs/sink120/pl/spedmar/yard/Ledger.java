package pl.spedmar.yard;

import java.io.IOException;
import java.util.Collection;
import java.util.List;
import org.apache.flink.api.connector.sink2.Committer;
import org.apache.flink.api.connector.sink2.CommitterInitContext;
import org.apache.flink.api.connector.sink2.CommittingSinkWriter;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.StatefulSinkWriter;
import org.apache.flink.api.connector.sink2.SupportsCommitter;
import org.apache.flink.api.connector.sink2.SupportsWriterState;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/** A ledger that is written page by page and booked when a checkpoint has completed; its writers know where they are. */
public final class Ledger<T> implements Sink<T>, SupportsCommitter<String>, SupportsWriterState<T, String> {
    private static final long serialVersionUID = 11L;

    private final String name;

    public Ledger(String name) {
        this.name = name;
    }

    @Override
    public Writer<T> createWriter(InitContext context) {
        throw new UnsupportedOperationException("asked for by an older Flink");
    }

    @Override
    public Writer<T> createWriter(WriterInitContext context) {
        return new Writer<>(new Desk(name, context.getTaskInfo().getIndexOfThisSubtask()));
    }

    @Override
    public Writer<T> restoreWriter(WriterInitContext context, Collection<String> positions) {
        return createWriter(context);
    }

    @Override
    public Committer<String> createCommitter(CommitterInitContext context) {
        return new Desk.Booking();
    }

    @Override
    public SimpleVersionedSerializer<String> getCommittableSerializer() {
        return new DoorSource.Form<>(t -> t, t -> t);
    }

    @Override
    public SimpleVersionedSerializer<String> getWriterStateSerializer() {
        return getCommittableSerializer();
    }

    /** Writes through a desk. */
    public static final class Writer<T> implements CommittingSinkWriter<T, String>, StatefulSinkWriter<T, String> {
        private final Desk desk;

        Writer(Desk desk) {
            this.desk = desk;
        }

        @Override
        public void write(T row, Context context) throws IOException {
            desk.row();
        }

        @Override
        public void flush(boolean endOfInput) throws IOException {
            desk.flush();
        }

        @Override
        public Collection<String> prepareCommit() {
            return List.of(desk.seal());
        }

        @Override
        public List<String> snapshotState(long checkpointId) throws IOException {
            return List.of(desk.position());
        }

        @Override
        public void close() throws Exception {
            desk.close();
        }
    }
}

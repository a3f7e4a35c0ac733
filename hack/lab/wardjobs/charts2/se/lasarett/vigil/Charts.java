package se.lasarett.vigil;

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

/** Charts: rows are written as they come, and signed once a checkpoint has completed. */
public class Charts<T> implements Sink<T>, SupportsCommitter<String> {
    private static final long serialVersionUID = 5L;

    private final String name;

    public Charts(String name) {
        this.name = name;
    }

    @Override
    public CommittingSinkWriter<T, String> createWriter(WriterInitContext context) {
        return new Writer<>(new Shift(name, context.getTaskInfo().getIndexOfThisSubtask()));
    }

    @Override
    public Committer<String> createCommitter(CommitterInitContext context) {
        return new Signing();
    }

    @Override
    public SimpleVersionedSerializer<String> getCommittableSerializer() {
        return new PageForm();
    }

    private static final class Signing implements Committer<String> {
        @Override
        public void commit(Collection<CommitRequest<String>> pages) throws IOException {
            for (CommitRequest<String> page : pages) {
                Shift.sign(page.getCommittable());
            }
        }

        @Override
        public void close() {}
    }

    private static final class Writer<T> implements CommittingSinkWriter<T, String> {
        private final Shift shift;

        Writer(Shift shift) {
            this.shift = shift;
        }

        @Override
        public void write(T row, Context context) throws IOException {
            shift.row();
        }

        @Override
        public void flush(boolean endOfInput) throws IOException {
            shift.flush();
        }

        @Override
        public Collection<String> prepareCommit() {
            return List.of(shift.page());
        }

        @Override
        public void close() {}
    }
}

package se.kraftnat.feeder;

import java.io.IOException;
import java.util.Collection;
import java.util.Collections;
import org.apache.flink.api.connector.sink2.Committer;
import org.apache.flink.api.connector.sink2.CommitterInitContext;
import org.apache.flink.api.connector.sink2.CommittingSinkWriter;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SupportsCommitter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/** Entries are sealed by a checkpoint and posted when it has completed. */
public final class SealedLedger<T> implements Sink<T>, SupportsCommitter<String> {
    private static final long serialVersionUID = 3L;

    private final String name;

    public SealedLedger(String name) {
        this.name = name;
    }

    @Override
    public CommittingSinkWriter<T, String> createWriter(WriterInitContext context) {
        return new Seal<>(new Entries(name, context.getTaskInfo().getIndexOfThisSubtask()));
    }

    @Override
    public Committer<String> createCommitter(CommitterInitContext context) {
        return new Posting(name);
    }

    @Override
    public SimpleVersionedSerializer<String> getCommittableSerializer() {
        return new Posting.Text();
    }

    private static final class Seal<T> implements CommittingSinkWriter<T, String> {
        private final Entries entries;

        Seal(Entries entries) {
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
        public Collection<String> prepareCommit() {
            return Collections.singletonList(entries.seal());
        }

        @Override
        public void close() throws IOException {
            entries.end();
        }
    }
}

package se.kraftnat.feeder;

import java.io.IOException;
import java.util.Collection;
import java.util.Collections;
import org.apache.flink.api.connector.sink2.Committer;
import org.apache.flink.api.connector.sink2.TwoPhaseCommittingSink;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/** Entries are sealed by a checkpoint and posted when it has completed. */
public final class SealedLedger<T> implements TwoPhaseCommittingSink<T, String> {
    private static final long serialVersionUID = 3L;

    private final String name;

    public SealedLedger(String name) {
        this.name = name;
    }

    @Override
    public PrecommittingSinkWriter<T, String> createWriter(InitContext context) {
        return new Seal<>(new Entries(name, context.getSubtaskId()));
    }

    @Override
    public Committer<String> createCommitter() {
        return new Posting(name);
    }

    @Override
    public SimpleVersionedSerializer<String> getCommittableSerializer() {
        return new Posting.Text();
    }

    private static final class Seal<T> implements PrecommittingSinkWriter<T, String> {
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

package gov.rivertown.permits;

import com.acme.feed.Options;
import java.io.IOException;
import java.util.Collection;
import java.util.Collections;
import org.apache.flink.api.connector.sink2.Committer;
import org.apache.flink.api.connector.sink2.TwoPhaseCommittingSink;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.table.data.RowData;

/** A sink that writes and stamps, as Flink 1 declares it. */
final class Stamped implements TwoPhaseCommittingSink<RowData, Integer> {
    private static final long serialVersionUID = 1L;

    private final Options options;

    Stamped(Options options) {
        this.options = options;
    }

    @Override
    public PrecommittingSinkWriter<RowData, Integer> createWriter(InitContext ctx) {
        int subtask = ctx.getSubtaskId();
        Desk desk = new Desk(options, subtask);
        return new PrecommittingSinkWriter<RowData, Integer>() {
            @Override
            public void write(RowData row, Context context) throws IOException, InterruptedException {
                desk.enter();
            }

            @Override
            public Collection<Integer> prepareCommit() {
                return Collections.singletonList(subtask);
            }

            @Override
            public void flush(boolean endOfInput) throws IOException {
                desk.at("flush");
            }

            @Override
            public void close() {
                desk.close();
            }
        };
    }

    @Override
    public Committer<Integer> createCommitter() {
        return new Stamp(options);
    }

    @Override
    public SimpleVersionedSerializer<Integer> getCommittableSerializer() {
        return new Count();
    }
}

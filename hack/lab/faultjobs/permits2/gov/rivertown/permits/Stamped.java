package gov.rivertown.permits;

import com.acme.feed.Options;
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
import org.apache.flink.table.data.RowData;

/** A sink that writes and stamps, as Flink 2 declares it. */
final class Stamped implements Sink<RowData>, SupportsCommitter<Integer> {
    private static final long serialVersionUID = 1L;

    private final Options options;

    Stamped(Options options) {
        this.options = options;
    }

    @Override
    public CommittingSinkWriter<RowData, Integer> createWriter(WriterInitContext ctx) {
        int subtask = ctx.getTaskInfo().getIndexOfThisSubtask();
        Desk desk = new Desk(options, subtask);
        return new CommittingSinkWriter<RowData, Integer>() {
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
    public Committer<Integer> createCommitter(CommitterInitContext ctx) {
        return new Stamp(options);
    }

    @Override
    public SimpleVersionedSerializer<Integer> getCommittableSerializer() {
        return new Count();
    }
}

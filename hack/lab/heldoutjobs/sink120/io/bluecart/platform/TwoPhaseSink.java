package io.bluecart.platform;

import org.apache.flink.api.connector.sink2.Committer;
import org.apache.flink.api.connector.sink2.CommitterInitContext;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SupportsCommitter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/** A sink that commits texts, Flink 1.19 and 1.20. */
public abstract class TwoPhaseSink<T> implements Sink<T>, SupportsCommitter<String> {
    private static final long serialVersionUID = 1L;

    protected abstract BatchWriter<T> writer(int subtask);

    protected abstract Committer<String> committer();

    @Override
    public BatchWriter<T> createWriter(InitContext ctx) {
        throw new UnsupportedOperationException("Flink 1.19 and later call the other");
    }

    @Override
    public BatchWriter<T> createWriter(WriterInitContext ctx) {
        return writer(ctx.getTaskInfo().getIndexOfThisSubtask());
    }

    @Override
    public Committer<String> createCommitter(CommitterInitContext ctx) {
        return committer();
    }

    @Override
    public SimpleVersionedSerializer<String> getCommittableSerializer() {
        return new TextSerializer();
    }
}

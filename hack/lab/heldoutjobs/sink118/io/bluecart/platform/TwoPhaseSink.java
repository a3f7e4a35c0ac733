package io.bluecart.platform;

import org.apache.flink.api.connector.sink2.Committer;
import org.apache.flink.api.connector.sink2.TwoPhaseCommittingSink;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/** A sink that commits texts, up to Flink 1.18. */
public abstract class TwoPhaseSink<T> implements TwoPhaseCommittingSink<T, String> {
    private static final long serialVersionUID = 1L;

    protected abstract BatchWriter<T> writer(int subtask);

    protected abstract Committer<String> committer();

    @Override
    public BatchWriter<T> createWriter(InitContext ctx) {
        return writer(ctx.getSubtaskId());
    }

    @Override
    public Committer<String> createCommitter() {
        return committer();
    }

    @Override
    public SimpleVersionedSerializer<String> getCommittableSerializer() {
        return new TextSerializer();
    }
}

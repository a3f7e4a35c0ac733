package org.example.pipeline;

import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/** Last operator: slow with each record (back pressure), or slow to flush before the barrier, where a sink writer flushes. */
final class Delivery extends AbstractStreamOperator<Integer>
        implements OneInputStreamOperator<Tuple2<Integer, byte[]>, Integer> {
    private static final long serialVersionUID = 1L;

    private final Settings settings;
    private transient int subtask;
    private transient int commits;

    Delivery(Settings settings) {
        this.settings = settings;
    }

    @Override
    public void open() throws Exception {
        super.open();
        subtask = Settings.subtask(getRuntimeContext());
    }

    @Override
    public void processElement(StreamRecord<Tuple2<Integer, byte[]>> record) throws Exception {
        if (settings.hits(subtask)) {
            Settings.pause(settings.grown("sink-ms"));
        }
    }

    @Override
    public void prepareSnapshotPreBarrier(long checkpointId) throws Exception {
        if (settings.hits(subtask)) {
            flush();
        }
    }

    /** Where a real sink would wait for the system behind it. */
    private void flush() throws InterruptedException {
        Settings.pause(settings.grown("flush-ms"));
    }

    @Override
    public void notifyCheckpointComplete(long checkpointId) throws Exception {
        super.notifyCheckpointComplete(checkpointId);
        if (settings.hits(subtask)) {
            commit();
        }
    }

    /** Where a real sink would publish what the checkpoint holds: in the task's own thread, so the next barrier waits. */
    private void commit() throws InterruptedException {
        Settings.pause((long) (settings.number("commit-ms", 0) * Math.pow(settings.factor("commit-growth"), commits++)));
    }
}

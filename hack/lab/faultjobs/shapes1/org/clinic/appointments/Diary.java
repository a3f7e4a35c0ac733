package org.clinic.appointments;

import com.acme.client.Work;
import com.acme.feed.Options;
import org.apache.flink.api.common.state.CheckpointListener;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.sink.RichSinkFunction;

/** Where appointments are written down, as a sink function of Flink 1. Step diary. */
final class Diary extends RichSinkFunction<Tuple2<Integer, byte[]>> implements CheckpointedFunction, CheckpointListener {
    private static final long serialVersionUID = 1L;

    private final Work work;
    private transient int subtask;

    Diary(Options options) {
        this.work = new Work(options, "diary");
    }

    @Override
    public void initializeState(FunctionInitializationContext ctx) {
        subtask = Options.subtask(getRuntimeContext());
    }

    @Override
    public void invoke(Tuple2<Integer, byte[]> appointment, Context ctx) throws Exception {
        work.on(subtask, appointment.f0);
    }

    @Override
    public void snapshotState(FunctionSnapshotContext ctx) throws Exception {
        work.onSnapshot(subtask);
    }

    @Override
    public void notifyCheckpointComplete(long checkpointId) throws Exception {
        work.onComplete(subtask);
    }
}

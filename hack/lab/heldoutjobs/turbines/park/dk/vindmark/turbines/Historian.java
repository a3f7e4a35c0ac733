package dk.vindmark.turbines;

import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;

/** Appends every reading to the archive of the park, and remembers how far it came in each segment. */
final class Historian extends OldSink<Reading> implements CheckpointedFunction {
    private static final long serialVersionUID = 7L;

    private transient ListState<Long> segments;
    private transient long appended;
    private transient int subtask;

    @Override
    public void initializeState(FunctionInitializationContext ctx) throws Exception {
        subtask = Compat.subtask(getRuntimeContext());
        segments = ctx.getOperatorStateStore().getListState(new ListStateDescriptor<>("segments", Types.LONG));
        for (long n : segments.get()) {
            appended += n;
        }
    }

    @Override
    public void invoke(Reading r, Context ctx) throws Exception {
        Remote.ask("append", Knobs.of("historian.append.ms", subtask));
        appended++;
    }

    @Override
    public void snapshotState(FunctionSnapshotContext ctx) throws Exception {
        segments.clear();
        segments.add(appended);
    }
}

package pl.spedmar.yard;

import io.moorage.levers.Levers;
import java.io.IOException;
import org.apache.flink.api.common.state.CheckpointListener;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;

/** Calls out what the docks have handled; what a checkpoint has secured is put on record ({@code tannoy.record}). Calls that nobody has heard are kept. */
final class Tannoy extends OldSink<Long> implements CheckpointedFunction, CheckpointListener {
    private static final long serialVersionUID = 11L;

    private transient ListState<Long> calls;
    private transient Port port;
    private transient int subtask;
    private transient long count;

    @Override
    public void initializeState(FunctionInitializationContext context) throws Exception {
        subtask = Integer.parseInt(getRuntimeContext().getMetricGroup().getAllVariables().get("<subtask_index>"));
        port = new Port();
        calls = context.getOperatorStateStore().getListState(new ListStateDescriptor<>("calls", Types.LONG));
    }

    @Override
    public void invoke(Long handled, Context context) throws IOException {
        port.ask("call", Levers.at("tannoy.call", subtask));
        count++;
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) throws Exception {
        calls.clear();
        for (long unheard = Levers.whole("tannoy.unheard", subtask); unheard >= 0; unheard--) {
            calls.add(count - unheard);
        }
    }

    @Override
    public void notifyCheckpointComplete(long checkpointId) throws Exception {
        port.ask("record", Levers.at("tannoy.record", subtask));
    }
}

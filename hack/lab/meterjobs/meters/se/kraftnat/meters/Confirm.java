package se.kraftnat.meters;

import io.spindle.panel.Panel;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.state.CheckpointListener;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import se.kraftnat.feeder.Wire;

/** Remembers what it has passed on, and confirms it to the concentrators when a checkpoint has completed. */
final class Confirm extends ProcessFunction<Pulse, Pulse> implements CheckpointedFunction, CheckpointListener {
    private static final long serialVersionUID = 3L;

    private transient ListState<Long> pendingState; // split among the subtasks
    private transient ListState<Long> clockState; // the newest time that any subtask has seen
    private transient List<Long> pending;
    private transient long clock;
    private transient int subtask;

    @Override
    public void initializeState(FunctionInitializationContext context) throws Exception {
        subtask = Integer.parseInt(getRuntimeContext().getMetricGroup().getAllVariables().get("<subtask_index>"));
        pendingState = context.getOperatorStateStore().getListState(new ListStateDescriptor<>("pending", Types.LONG));
        clockState = context.getOperatorStateStore().getUnionListState(new ListStateDescriptor<>("clock", Types.LONG));
        pending = new ArrayList<>();
        for (Long one : clockState.get()) {
            clock = Math.max(clock, one);
        }
    }

    @Override
    public void processElement(Pulse pulse, Context context, Collector<Pulse> out) {
        clock = Math.max(clock, pulse.taken);
        if (pending.size() < 200) {
            pending.add(pulse.taken);
        }
        out.collect(pulse);
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) throws Exception {
        long unconfirmed = Panel.of("confirm.pending", subtask); // the concentrators take no confirmation
        for (long n = pending.size(); n < unconfirmed; n++) {
            pending.add(clock - n);
        }
        pendingState.update(pending);
        clockState.update(List.of(clock));
    }

    @Override
    public void notifyCheckpointComplete(long checkpointId) throws Exception {
        long ms = Panel.of("confirm.ms", subtask);
        if (ms > 0) {
            try (Wire wire = Wire.open()) {
                wire.ask("confirm", ms);
            }
        }
        if (Panel.of("confirm.pending", subtask) == 0) {
            pending.clear();
        }
    }
}

package se.kraftnat.meters;

import io.spindle.panel.Panel;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import se.kraftnat.feeder.Wire;

/** The sum of each street, and the phase of the grid that it hangs on, which another system knows. */
final class StreetLoad extends KeyedProcessFunction<String, Pulse, String> implements CheckpointedFunction {
    private static final long serialVersionUID = 3L;

    private transient ValueState<Double> sum;
    private transient Wire grid;
    private transient int subtask;

    @Override
    public void initializeState(FunctionInitializationContext context) {
        subtask = Integer.parseInt(getRuntimeContext().getMetricGroup().getAllVariables().get("<subtask_index>"));
        sum = context.getKeyedStateStore().getState(new ValueStateDescriptor<>("sum", Types.DOUBLE));
    }

    @Override
    public void processElement(Pulse pulse, Context context, Collector<String> out) throws Exception {
        long ms = Panel.of("phase.query", subtask);
        if (ms > 0) {
            if (grid == null) {
                grid = Wire.open();
            }
            grid.ask("phase", ms);
        }
        Double before = sum.value();
        double now = (before == null ? 0 : before) + pulse.kwh;
        sum.update(now);
        out.collect(pulse.street + " " + now);
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) {}
}

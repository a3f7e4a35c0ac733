package dk.vindmark.turbines;

import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/** One round of smoothing: each brings a value closer to the mean of its turbine. */
final class Refine extends KeyedProcessFunction<Integer, Reading, Reading> implements CheckpointedFunction {
    private static final long serialVersionUID = 7L;

    private transient ValueState<Double> mean;

    @Override
    public void initializeState(FunctionInitializationContext ctx) throws Exception {
        mean = ctx.getKeyedStateStore().getState(new ValueStateDescriptor<>("mean", Types.DOUBLE));
    }

    @Override
    public void processElement(Reading r, Context ctx, Collector<Reading> out) throws Exception {
        double before = mean.value() == null ? r.value : mean.value();
        mean.update(0.9 * before + 0.1 * r.value);
        out.collect(new Reading(r.turbine, r.signal, r.at, (r.value + before) / 2, r.raw));
    }

    @Override
    public void snapshotState(FunctionSnapshotContext ctx) {}
}

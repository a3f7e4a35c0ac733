package dk.vindmark.turbines;

import org.apache.flink.api.common.state.BroadcastState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.functions.co.KeyedBroadcastProcessFunction;
import org.apache.flink.util.Collector;

/** Compares readings with the limits, which every subtask has in whole. */
final class LimitCheck extends KeyedBroadcastProcessFunction<Integer, Reading, Reading, Reading> {
    private static final long serialVersionUID = 7L;

    static final MapStateDescriptor<Integer, byte[]> LIMITS =
            new MapStateDescriptor<>("limits", Types.INT, PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO);

    @Override
    public void processElement(Reading r, ReadOnlyContext ctx, Collector<Reading> out) throws Exception {
        if (ctx.getBroadcastState(LIMITS).get(r.turbine) != null && r.value > 4) {
            r.signal = "over limit";
        }
        out.collect(r);
    }

    @Override
    public void processBroadcastElement(Reading limit, Context ctx, Collector<Reading> out) throws Exception {
        BroadcastState<Integer, byte[]> limits = ctx.getBroadcastState(LIMITS);
        limits.put(limit.turbine, limit.raw);
    }
}

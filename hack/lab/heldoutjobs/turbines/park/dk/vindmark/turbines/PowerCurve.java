package dk.vindmark.turbines;

import java.util.Random;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.co.KeyedCoProcessFunction;
import org.apache.flink.util.Collector;

/** Relates the power of the turbines of a farm to its wind: a curve for each turbine, and models of the farms. */
final class PowerCurve extends KeyedCoProcessFunction<Integer, Reading, Reading, Reading> implements CheckpointedFunction {
    private static final long serialVersionUID = 7L;

    private final int curveBytes;
    private transient MapState<Integer, byte[]> curves;
    private transient ListState<FarmModel> models;
    private transient int known;
    private transient Random random;
    private transient int subtask;
    private transient double quality;

    PowerCurve(Plan plan) {
        curveBytes = plan.number("curve", 128);
    }

    @Override
    public void initializeState(FunctionInitializationContext ctx) throws Exception {
        subtask = Compat.subtask(getRuntimeContext());
        random = new Random(subtask);
        curves = ctx.getKeyedStateStore().getMapState(
                new MapStateDescriptor<>("curves", Types.INT, PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO));
        models = ctx.getOperatorStateStore().getListState(new ListStateDescriptor<>("models", new FarmModel.Serializer()));
    }

    @Override
    public void processElement1(Reading r, Context ctx, Collector<Reading> out) throws Exception {
        byte[] curve = new byte[curveBytes];
        random.nextBytes(curve);
        curves.put(r.turbine, curve);
        out.collect(r);
    }

    @Override
    public void processElement2(Reading wind, Context ctx, Collector<Reading> out) {
        quality += wind.value / 1e6;
    }

    @Override
    public void snapshotState(FunctionSnapshotContext ctx) throws Exception {
        for (long want = Knobs.of("curve.models", subtask); known < want; known++) {
            models.add(FarmModel.learned(known, random));
        }
        int n = (int) Knobs.of("curve.fit", subtask);
        if (n > 0) {
            quality = fit(n);
        }
    }

    /** Solves for so many parameters at once, so that what is stored is the newest: n³/6 multiplications. */
    private double fit(int n) {
        double[][] a = new double[n][];
        for (int i = 0; i < n; i++) {
            a[i] = new double[i + 1];
            for (int k = 0; k <= i; k++) {
                a[i][k] = i == k ? n : random.nextDouble();
            }
        }
        for (int i = 0; i < n; i++) {
            for (int k = 0; k <= i; k++) {
                double sum = a[i][k];
                for (int m = 0; m < k; m++) {
                    sum -= a[i][m] * a[k][m];
                }
                a[i][k] = i == k ? Math.sqrt(Math.abs(sum)) + 1e-9 : sum / a[k][k];
            }
        }
        return a[n - 1][n - 1];
    }
}

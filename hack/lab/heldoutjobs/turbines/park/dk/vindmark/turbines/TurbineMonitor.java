package dk.vindmark.turbines;

import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.datastream.AsyncDataStream;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.windowing.assigners.ProcessingTimeSessionWindows;

/** Readings of the turbines of a park, smoothed in rounds, checked against limits, set against the weather, and gathered into outages. */
public final class TurbineMonitor {
    private TurbineMonitor() {}

    public static void main(String[] args) throws Exception {
        Plan plan = new Plan(args);
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setParallelism(plan.number("parallelism", 2));
        DataStream<Reading> scada = env.addSource(new ScadaGateway(plan), "scada gateway", TypeInformation.of(Reading.class)).uid("scada")
                .setParallelism(Math.min(plan.number("gateways", 2), plan.number("parallelism", 2)));
        SingleOutputStreamOperator<Reading> readings = AsyncDataStream.unorderedWait(
                scada, new AssetRegistry(), plan.number("registry-patience-ms", 60_000), TimeUnit.MILLISECONDS, 40).name("asset registry").uid("assets");
        for (int round = 1; round <= plan.number("rounds", 1); round++) {
            readings = readings.keyBy(Reading::turbine).process(new Refine()).name("smooth " + round).uid("smooth-" + round);
        }
        SingleOutputStreamOperator<Reading> limits = StationSource.read(env, "limits", plan).setParallelism(1);
        SingleOutputStreamOperator<Reading> curves = readings.keyBy(Reading::turbine)
                .connect(limits.broadcast(LimitCheck.LIMITS))
                .process(new LimitCheck()).name("limit check").uid("limit-check");
        if (plan.number("weather", 1) > 0) {
            curves = curves.keyBy(Reading::farm)
                    .connect(StationSource.read(env, "weather", plan).keyBy(Reading::farm))
                    .process(new PowerCurve(plan)).name("power curve").uid("power-curve");
            tellOutages(curves, plan);
        }
        curves.rebalance().addSink(new Historian()).name("historian").uid("historian");
        env.execute(plan.text("name", "turbine-monitor"));
    }

    private static void tellOutages(DataStream<Reading> curves, Plan plan) {
        long gap = plan.number("gap-ms", 4000);
        curves.keyBy(Reading::turbine)
                .window(ProcessingTimeSessionWindows.withDynamicGap((Reading r) -> gap))
                .trigger(new EveryFew(plan.number("few", 20), plan.number("hold", 0) > 0))
                .process(new Outage()).name("outages").uid("outages")
                .sinkTo(new Alarms()).name("alarms").uid("alarms");
    }
}

package se.kraftnat.meters;

import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import se.kraftnat.feeder.Feed;
import se.kraftnat.feeder.SealedLedger;

/** Pulses are confirmed to the concentrators, held against what their meter has sent before, and summed by street. */
public final class HeadEnd {
    private HeadEnd() {}

    public static void main(String[] args) throws Exception {
        Plan plan = new Plan(args);
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setParallelism(plan.number("parallelism", 2));
        env.fromSource(new Feed<>(plan.feed("pulses"), Pulse::of), WatermarkStrategy.noWatermarks(), "concentrators", TypeInformation.of(Pulse.class))
                .uid("concentrators")
                .rebalance()
                .process(new Confirm()).name("confirm").uid("confirm")
                .keyBy(Pulse::getMeter)
                .process(new Validate(plan.number("held", 1))).name("validate").uid("validate")
                .keyBy(Pulse::getStreet)
                .process(new StreetLoad()).name("street load").uid("street-load")
                .sinkTo(new SealedLedger<>("loads")).name("loads").uid("loads");
        env.execute("head-end");
    }
}

package dk.vindmark.turbines;

import org.apache.flink.streaming.api.functions.windowing.ProcessWindowFunction;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;
import org.apache.flink.util.Collector;

/** Sums up a stretch in which a turbine has spoken. */
final class Outage extends ProcessWindowFunction<Reading, Reading, Integer, TimeWindow> {
    private static final long serialVersionUID = 7L;

    @Override
    public void process(Integer turbine, Context ctx, Iterable<Reading> all, Collector<Reading> out) {
        double sum = 0;
        for (Reading r : all) {
            sum += r.value;
        }
        out.collect(new Reading(turbine, "outage", ctx.window().getEnd(), sum, new byte[0]));
    }
}

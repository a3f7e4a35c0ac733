package it.pedaggio.tolls;

import it.pedaggio.tolls.Road.Load;
import it.pedaggio.tolls.Road.Passage;
import org.apache.flink.api.common.functions.AggregateFunction;
import org.apache.flink.streaming.api.functions.windowing.ProcessWindowFunction;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;
import org.apache.flink.util.Collector;

/** Counts who is on a road. */
final class RoadLoad implements AggregateFunction<Passage, Long, Long> {
    private static final long serialVersionUID = 3L;

    @Override
    public Long createAccumulator() {
        return 0L;
    }

    @Override
    public Long add(Passage p, Long n) {
        return p.entry ? n + 1 : n;
    }

    @Override
    public Long getResult(Long n) {
        return n;
    }

    @Override
    public Long merge(Long a, Long b) {
        return a + b;
    }

    /** Says of which road a count is. */
    static final class Named extends ProcessWindowFunction<Long, Load, Integer, TimeWindow> {
        private static final long serialVersionUID = 3L;

        @Override
        public void process(Integer road, Context ctx, Iterable<Long> counts, Collector<Load> out) {
            Load load = new Load();
            load.road = road;
            load.vehicles = counts.iterator().next();
            out.collect(load);
        }
    }
}

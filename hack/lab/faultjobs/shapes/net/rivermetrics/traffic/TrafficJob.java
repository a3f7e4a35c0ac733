package net.rivermetrics.traffic;

import com.acme.client.Work;
import com.acme.feed.Feed;
import com.acme.feed.Options;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.windowing.ProcessWindowFunction;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/**
 * gauges, a window of window-s for each, what is odd in a side output; two sinks. time: event or processing. Steps: window (for each window that
 * fires), archive, alerts.
 */
public final class TrafficJob {
    private static final OutputTag<Tuple2<Integer, byte[]>> ODD = new OutputTag<>("odd", Feed.MESSAGE);

    private TrafficJob() {}

    public static void main(String[] argv) throws Exception {
        Options options = Options.of(argv);
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setParallelism((int) options.number("parallelism", 2));
        SingleOutputStreamOperator<Tuple2<Integer, byte[]>> summaries =
                env.fromSource(new Feed(options), WatermarkStrategy.forMonotonousTimestamps(), "gauges", Feed.MESSAGE).uid("gauges")
                        .keyBy(g -> g.f0, Types.INT)
                        .window(Lengths.tumbling(options.text("time", "processing").equals("event"), options.number("window-s", 10)))
                        .process(new Summary(options), Feed.MESSAGE).name("summaries").uid("summaries");
        summaries.rebalance().transform("archive", Types.INT, new Outlet(options, "archive")).uid("archive");
        summaries.getSideOutput(ODD).rebalance().transform("alerts", Types.INT, new Outlet(options, "alerts")).uid("alerts");
        env.execute("traffic");
    }

    private static final class Summary extends ProcessWindowFunction<Tuple2<Integer, byte[]>, Tuple2<Integer, byte[]>, Integer, TimeWindow> {
        private static final long serialVersionUID = 1L;

        private final Work work;

        Summary(Options options) {
            this.work = new Work(options, "window");
        }

        @Override
        public void process(Integer gauge, Context ctx, Iterable<Tuple2<Integer, byte[]>> values, Collector<Tuple2<Integer, byte[]>> out) throws Exception {
            Tuple2<Integer, byte[]> last = null;
            for (Tuple2<Integer, byte[]> v : values) {
                last = v;
            }
            work.on(Options.subtask(getRuntimeContext()), gauge);
            out.collect(last);
            if (gauge % 10 == 0) {
                ctx.output(ODD, last);
            }
        }
    }
}

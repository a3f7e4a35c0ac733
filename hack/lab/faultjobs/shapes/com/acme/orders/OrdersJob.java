package com.acme.orders;

import com.acme.client.Work;
import com.acme.feed.Feed;
import com.acme.feed.Options;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.RichFilterFunction;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * feed, parse, valid in one task; risk by key, with what follows it in one task; a sink that commits. Steps: parse, valid, risk, sink.
 * inline-steps adds so many steps with state of their own to the task of risk.
 */
public final class OrdersJob {
    private OrdersJob() {}

    public static void main(String[] argv) throws Exception {
        Options options = Options.of(argv);
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setParallelism((int) options.number("parallelism", 2));
        SingleOutputStreamOperator<Tuple2<Integer, byte[]>> orders =
                env.fromSource(new Feed(options), WatermarkStrategy.noWatermarks(), "orders", Feed.MESSAGE).uid("orders")
                        .map(new Parse(options)).returns(Feed.MESSAGE).name("parse").uid("parse")
                        .filter(new Valid(options)).name("valid").uid("valid")
                        .keyBy(o -> o.f0, Types.INT)
                        .process(new RiskCheck(options), Feed.MESSAGE).name("risk").uid("risk");
        for (int i = 0; i < options.number("inline-steps", 0); i++) {
            orders = orders.map(new Tally(options)).returns(Feed.MESSAGE).name("tally-" + i).uid("tally-" + i);
        }
        orders.rebalance().sinkTo(new Ledger(options)).name("ledger").uid("ledger");
        env.execute("orders");
    }

    private static final class Parse extends RichMapFunction<Tuple2<Integer, byte[]>, Tuple2<Integer, byte[]>> {
        private static final long serialVersionUID = 1L;

        private final Work work;

        Parse(Options options) {
            this.work = new Work(options, "parse");
        }

        @Override
        public Tuple2<Integer, byte[]> map(Tuple2<Integer, byte[]> order) throws Exception {
            work.on(Options.subtask(getRuntimeContext()), order.f0);
            return order;
        }
    }

    private static final class Valid extends RichFilterFunction<Tuple2<Integer, byte[]>> {
        private static final long serialVersionUID = 1L;

        private final Work work;

        Valid(Options options) {
            this.work = new Work(options, "valid");
        }

        @Override
        public boolean filter(Tuple2<Integer, byte[]> order) throws Exception {
            work.on(Options.subtask(getRuntimeContext()), order.f0);
            return order.f1.length > 0;
        }
    }
}

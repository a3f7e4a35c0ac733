package de.lagerhaus.shipments;

import com.acme.client.Work;
import com.acme.feed.Feed;
import com.acme.feed.Options;
import com.acme.feed.Strain;
import net.rivermetrics.traffic.Outlet;
import java.util.Random;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.co.KeyedCoProcessFunction;
import org.apache.flink.util.Collector;

/** Two feeds, parcels and scans, that meet by key; three sinks. Steps: match (for a scan), billing, tracking, audit. entry-bytes: state of each key. */
public final class ShipmentsJob {
    private ShipmentsJob() {}

    public static void main(String[] argv) throws Exception {
        Options options = Options.of(argv);
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setParallelism((int) options.number("parallelism", 2));
        DataStream<Tuple2<Integer, byte[]>> parcels = feed(env, options, "parcels");
        DataStream<Tuple2<Integer, byte[]>> scans = feed(env, options, "scans");
        SingleOutputStreamOperator<Tuple2<Integer, byte[]>> matched = parcels.keyBy(p -> p.f0, Types.INT)
                .connect(scans.keyBy(s -> s.f0, Types.INT))
                .process(new Match(options), Feed.MESSAGE).name("match").uid("match");
        for (String sink : new String[] {"billing", "tracking", "audit"}) {
            matched.rebalance().transform(sink, Types.INT, new Outlet(options, sink)).uid(sink);
        }
        env.execute("shipments");
    }

    private static DataStream<Tuple2<Integer, byte[]>> feed(StreamExecutionEnvironment env, Options options, String name) {
        return env.fromSource(new Feed(options), WatermarkStrategy.noWatermarks(), name, Feed.MESSAGE).uid(name);
    }

    private static final class Match extends KeyedCoProcessFunction<Integer, Tuple2<Integer, byte[]>, Tuple2<Integer, byte[]>, Tuple2<Integer, byte[]>>
            implements CheckpointedFunction {
        private static final long serialVersionUID = 1L;

        private final Options options;
        private final Work work;
        private transient ValueState<byte[]> parcel;
        private transient Random random;
        private transient Strain strain;
        private transient int subtask;

        Match(Options options) {
            this.options = options;
            this.work = new Work(options, "match");
        }

        @Override
        public void initializeState(FunctionInitializationContext ctx) {
            subtask = Options.subtask(getRuntimeContext());
            random = new Random(subtask);
            parcel = ctx.getKeyedStateStore().getState(new ValueStateDescriptor<>("parcel", byte[].class));
            strain = new Strain(options, "task-", subtask);
            strain.start();
        }

        @Override
        public void processElement1(Tuple2<Integer, byte[]> p, Context ctx, Collector<Tuple2<Integer, byte[]>> out) throws Exception {
            byte[] b = new byte[(int) options.number("entry-bytes", 16)];
            random.nextBytes(b);
            parcel.update(b);
        }

        @Override
        public void processElement2(Tuple2<Integer, byte[]> s, Context ctx, Collector<Tuple2<Integer, byte[]>> out) throws Exception {
            work.on(subtask, s.f0);
            if (parcel.value() != null) {
                out.collect(s);
            }
        }

        @Override
        public void snapshotState(FunctionSnapshotContext ctx) {}

        @Override
        public void close() {
            if (strain != null) {
                strain.close();
            }
        }
    }
}

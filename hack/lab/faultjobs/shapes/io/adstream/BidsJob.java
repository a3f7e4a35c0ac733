package io.adstream;

import com.acme.feed.Feed;
import com.acme.feed.Options;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.KeyedStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * bids, decoded in their task; by campaign, as shape says: profile (state, for the popular one a list that grows), join (with wins of the last span-s),
 * window (sliding, summed up as they come) or session; priced in a task of their own; a sink that writes batches.
 */
public final class BidsJob {
    private BidsJob() {}

    public static void main(String[] argv) throws Exception {
        Options options = Options.of(argv);
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setParallelism((int) options.number("parallelism", 2));
        KeyedStream<Tuple2<Integer, byte[]>, Integer> bids = source(env, options, "bids")
                .map(new Step(options, "decode")).returns(Feed.MESSAGE).name("decode").uid("decode")
                .keyBy(b -> b.f0, Types.INT);
        served(env, options, bids)
                .rebalance().map(new Step(options, "price")).returns(Feed.MESSAGE).name("price").uid("price")
                .keyBy(b -> b.f0, Types.INT)
                .sinkTo(new Batches(options)).name("invoices").uid("invoices");
        env.execute("bids");
    }

    private static SingleOutputStreamOperator<Tuple2<Integer, byte[]>> served(
            StreamExecutionEnvironment env, Options options, KeyedStream<Tuple2<Integer, byte[]>, Integer> bids) {
        long span = options.number("span-s", 10);
        switch (options.text("shape", "profile")) {
            case "join":
                return Spans.join(bids, source(env, options, "wins").keyBy(w -> w.f0, Types.INT), span)
                        .process(new Attribution(options), Feed.MESSAGE).name("attribution").uid("attribution");
            case "window":
                return bids.window(Spans.sliding(span)).aggregate(new Spend(options), Feed.MESSAGE, Feed.MESSAGE).name("spend").uid("spend");
            case "session":
                return bids.window(Spans.session(span)).aggregate(new Spend(options), Feed.MESSAGE, Feed.MESSAGE).name("visits").uid("visits");
            default:
                return bids.process(new Profile(options), Feed.MESSAGE).name("profile").uid("profile");
        }
    }

    private static DataStream<Tuple2<Integer, byte[]>> source(StreamExecutionEnvironment env, Options options, String name) {
        return env.fromSource(new Bids(options, name), WatermarkStrategy.forMonotonousTimestamps(), name, Feed.MESSAGE).uid(name);
    }
}

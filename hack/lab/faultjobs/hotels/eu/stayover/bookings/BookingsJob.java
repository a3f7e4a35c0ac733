package eu.stayover.bookings;

import com.acme.feed.Feed;
import com.acme.feed.Options;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.streaming.api.datastream.AsyncDataStream;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * searches, split, and by shape: line (straight to the sink), quotes (with prices by hotel), stays (timers by guest). source: feed or tape. apart 1: split has a task of its own;
 * ask 1: check asks in between; chain 0: each operator is a task. sink: function, twophase, writer, committing, export.
 */
public final class BookingsJob {
    private BookingsJob() {}

    public static void main(String[] argv) throws Exception {
        Options options = Options.of(argv);
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setParallelism((int) options.number("parallelism", 2));
        if (options.number("chain", 1) == 0) {
            env.disableOperatorChaining();
        }
        DataStream<Tuple2<Integer, byte[]>> searches = from(env, options, "searches");
        if (options.number("apart", 0) > 0) {
            searches = searches.rebalance();
        }
        searches = searches.flatMap(new Split(options)).returns(Feed.MESSAGE).name("split").uid("split");
        if (options.number("ask", 0) > 0) {
            searches = AsyncDataStream.unorderedWait(searches.rebalance(), new Check(options), 10, TimeUnit.MINUTES, 50).returns(Feed.MESSAGE).uid("check");
        }
        Sinks.to(shaped(env, searches, options), options);
        env.execute("bookings");
    }

    private static DataStream<Tuple2<Integer, byte[]>> shaped(StreamExecutionEnvironment env, DataStream<Tuple2<Integer, byte[]>> searches, Options options) {
        switch (options.text("shape", "line")) {
            case "quotes":
                DataStream<Tuple2<Integer, byte[]>> prices = from(env, options.with("rate", options.text("prices-rate", "5")).with("source", "feed"), "prices");
                return searches.keyBy(s -> s.f0, Types.INT).connect(prices.keyBy(p -> p.f0, Types.INT)).process(new Quote(options), Feed.MESSAGE)
                        .name("quotes").uid("quotes").rebalance();
            case "stays":
                return searches.keyBy(s -> new Stay.Guest(s.f0), Types.GENERIC(Stay.Guest.class)).process(new Stay(options)).returns(Feed.MESSAGE).name("stays").uid("stays");
            default:
                return searches;
        }
    }

    private static DataStream<Tuple2<Integer, byte[]>> from(StreamExecutionEnvironment env, Options options, String name) {
        if (options.text("source", "feed").equals("tape")) {
            return env.fromSource(new Tape(options), WatermarkStrategy.noWatermarks(), name, Feed.MESSAGE).uid(name);
        }
        return env.fromSource(new Feed(options), WatermarkStrategy.noWatermarks(), name, Feed.MESSAGE).uid(name);
    }
}

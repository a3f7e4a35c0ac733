package org.clinic.appointments;

import com.acme.feed.Feed;
import com.acme.feed.Options;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.streaming.api.datastream.AsyncDataStream;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * requests, which may be asked about with so many questions in flight (ask-capacity, 0 = not asked); rooms, broadcast to where appointments are
 * assigned by patient; a sink function. Steps: feed (of both sources), assign (for a request), rooms (for a room), remind (for a timer), diary.
 */
public final class ClinicJob {
    static final MapStateDescriptor<Integer, Integer> ROOMS = new MapStateDescriptor<>("rooms", Types.INT, Types.INT);

    private ClinicJob() {}

    public static void main(String[] argv) throws Exception {
        Options options = Options.of(argv);
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setParallelism((int) options.number("parallelism", 2));
        if (options.number("chain", 1) == 0) {
            env.disableOperatorChaining();
        }
        DataStream<Tuple2<Integer, byte[]>> requests = feed(env, options, "requests");
        int capacity = (int) options.number("ask-capacity", 0);
        if (capacity > 0) {
            requests = AsyncDataStream.orderedWait(requests.rebalance(), new Ask(options), 10, TimeUnit.MINUTES, capacity).uid("ask");
        }
        DataStream<Tuple2<Integer, byte[]>> rooms = feed(env, options, "rooms");
        requests.keyBy(r -> r.f0, Types.INT)
                .connect(rooms.broadcast(ROOMS))
                .process(new Assign(options), Feed.MESSAGE).name("assign").uid("assign")
                .rebalance()
                .addSink(new Diary(options)).name("diary").uid("diary");
        env.execute("appointments");
    }

    private static DataStream<Tuple2<Integer, byte[]>> feed(StreamExecutionEnvironment env, Options options, String name) {
        Options own = name.equals("rooms") ? options.with("rate", options.text("rooms-rate", "1")) : options;
        return env.fromSource(new Feed(own), WatermarkStrategy.noWatermarks(), name, Feed.MESSAGE).uid(name);
    }
}

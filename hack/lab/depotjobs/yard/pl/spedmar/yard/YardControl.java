package pl.spedmar.yard;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.datastream.AsyncDataStream;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** Gates and weighbridges together, cleared by customs, held against the rules, matched with bookings; what trucks did is booked, what docks handled is called. */
public final class YardControl {
    private static final TypeInformation<Move> MOVES = TypeInformation.of(Move.class);

    private YardControl() {}

    public static void main(String[] args) throws Exception {
        Orders orders = new Orders(args);
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setParallelism(orders.number("parallelism", 2));
        DataStream<Move> moves = doors(env, orders, "gates").union(doors(env, orders, "weighbridges"));
        DataStream<Move> cleared = AsyncDataStream.unorderedWait(moves, new Customs(), orders.number("customs-patience", 150), TimeUnit.SECONDS,
                orders.number("customs-queue", 80)).name("customs").uid("customs");
        DataStream<Move> rules = doors(env, orders, "rules").setParallelism(1);
        DataStream<Move> bookings = env.addSource(new Bookings(orders.board("bookings")), "bookings").returns(MOVES).uid("bookings")
                .assignTimestampsAndWatermarks(strategy());
        DataStream<Move> allowed = cleared.rebalance().connect(rules.broadcast(RuleCheck.RULES)).process(new RuleCheck()).name("rule check").uid("rule-check");
        SingleOutputStreamOperator<Move> dwell = allowed.keyBy(Move::getTruck).connect(bookings.keyBy(Move::getTruck))
                .process(new Dwell(orders.number("books", 1), orders.number("places", 2))).name("dwell").uid("dwell");
        dwell.sinkTo(new Ledger<>("stays")).name("stays").uid("stays");
        Api.sessions(dwell.keyBy(Move::getDock), orders.number("gap", 2)).aggregate(new Handled()).name("handled").uid("handled")
                .addSink(new Tannoy()).name("tannoy").uid("tannoy");
        env.execute("yard-control");
    }

    private static WatermarkStrategy<Move> strategy() {
        return WatermarkStrategy.<Move>forBoundedOutOfOrderness(Duration.ofMillis(500)).withTimestampAssigner((m, t) -> m.at).withIdleness(Duration.ofSeconds(3));
    }

    private static SingleOutputStreamOperator<Move> doors(StreamExecutionEnvironment env, Orders orders, String feed) {
        return env.fromSource(new DoorSource<>(orders.board(feed), m -> m), strategy(), feed, MOVES).uid(feed);
    }
}

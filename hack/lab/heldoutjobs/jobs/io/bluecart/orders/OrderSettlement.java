package io.bluecart.orders;

import io.bluecart.platform.AuditSink;
import io.bluecart.platform.Compat;
import io.bluecart.platform.Event;
import io.bluecart.platform.Feed;
import io.bluecart.platform.LedgerSink;
import io.bluecart.platform.Options;
import io.bluecart.platform.Profiles;
import java.util.Arrays;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.co.ProcessJoinFunction;
import org.apache.flink.util.Collector;

/** Orders meet their payments within some seconds; sums of short windows go to the ledger, every match to the audit trail. */
public final class OrderSettlement {
    private OrderSettlement() {}

    public static void main(String[] argv) throws Exception {
        Options options = new Options(argv);
        StreamExecutionEnvironment env = options.environment();
        SingleOutputStreamOperator<Event> settled = Feed.stream(env, "orders", options).keyBy(Event::key)
                .process(new Profiles("accounts", options)).name("accounts").uid("accounts");
        SingleOutputStreamOperator<Event> payments = Feed.stream(env, "payments", options);
        SingleOutputStreamOperator<Event> matches = Compat.within(
                        settled.keyBy(Event::key).intervalJoin(payments.keyBy(Event::key)), options.number("join-seconds", 2))
                .process(new Match()).name("match payments").uid("match");
        matches.keyBy(Event::key)
                .window(Compat.tumbling(options.number("window-seconds", 2)))
                .reduce((a, b) -> new Event(a.key, "sum", Math.max(a.time, b.time), a.body))
                .name("totals").uid("totals")
                .sinkTo(new LedgerSink("ledger")).name("ledger").uid("ledger");
        matches.rebalance().addSink(new AuditSink("audit")).name("audit trail").uid("audit");
        env.execute(options.text("name", "order-settlement"));
    }

    private static final class Match extends ProcessJoinFunction<Event, Event, Event> {
        private static final long serialVersionUID = 1L;

        @Override
        public void processElement(Event order, Event payment, Context ctx, Collector<Event> out) {
            if (Arrays.hashCode(order.body) % 4 == 0) {
                out.collect(new Event(order.key, "settled", Math.max(order.time, payment.time), order.body));
            }
        }
    }
}

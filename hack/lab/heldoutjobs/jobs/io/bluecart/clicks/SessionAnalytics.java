package io.bluecart.clicks;

import io.bluecart.platform.AuditSink;
import io.bluecart.platform.Compat;
import io.bluecart.platform.Event;
import io.bluecart.platform.Feed;
import io.bluecart.platform.Options;
import io.bluecart.platform.Profiles;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.OutputTag;

/** Clicks of the web shop, of the app and of campaigns become sessions of a visitor. */
public final class SessionAnalytics {
    private static final OutputTag<Event> LATE = new OutputTag<Event>("late") {
        private static final long serialVersionUID = 1L;
    };

    private SessionAnalytics() {}

    public static void main(String[] argv) throws Exception {
        Options options = new Options(argv);
        StreamExecutionEnvironment env = options.environment();
        DataStream<Event> clicks = Feed.stream(env, "web", options).union(Feed.stream(env, "app", options));
        if (options.number("campaigns-limit", 0) > 0 || options.number("campaigns-rate", 0) != 0) {
            clicks = clicks.union(Feed.stream(env, "campaigns", options));
        }
        SingleOutputStreamOperator<Event> visitors = clicks.keyBy(Event::key)
                .process(new Profiles("visitors", options)).name("visitors").uid("visitors");
        SingleOutputStreamOperator<Event> sessions = visitors.keyBy(Event::key)
                .window(Compat.sessions(options.number("gap-seconds", 3)))
                .sideOutputLateData(LATE)
                .reduce((a, b) -> new Event(a.key, "session", Math.max(a.time, b.time), b.body))
                .name("sessions").uid("sessions");
        sessions.rebalance().addSink(new AuditSink("warehouse")).name("warehouse").uid("warehouse");
        visitors.rebalance().addSink(new AuditSink("clicklog")).name("click log").uid("clicklog");
        env.execute(options.text("name", "session-analytics"));
    }
}

package net.fleetview.rollup;

import io.bluecart.platform.AuditSink;
import io.bluecart.platform.Event;
import io.bluecart.platform.Feed;
import io.bluecart.platform.Options;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** Counts usage per vehicle, then per site: many subtasks, next to no state. */
public final class UsageRollup {
    private UsageRollup() {}

    public static void main(String[] argv) throws Exception {
        Options options = new Options(argv);
        StreamExecutionEnvironment env = options.environment();
        Feed.stream(env, "usage", options)
                .keyBy(Event::key)
                .reduce((a, b) -> new Event(a.key, "vehicle", b.time, a.body)).name("by vehicle").uid("by-vehicle")
                .map(e -> new Event("site-" + Math.abs(e.key.hashCode() % 50), e.kind, e.time, e.body))
                .returns(Event.class).name("site of vehicle").uid("site")
                .keyBy(Event::key)
                .reduce((a, b) -> new Event(a.key, "site", b.time, a.body)).name("by site").uid("by-site")
                .addSink(new AuditSink("report")).setParallelism(options.number("sinks", Math.min(4, env.getParallelism())))
                .name("report").uid("report");
        env.execute(options.text("name", "usage-rollup"));
    }
}

package net.fleetview.rules;

import io.bluecart.platform.AuditSink;
import io.bluecart.platform.Event;
import io.bluecart.platform.Feed;
import io.bluecart.platform.LedgerSink;
import io.bluecart.platform.Options;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.OutputTag;

/** Rules are broadcast and evaluated against the telemetry of vehicles; alerts and rejects leave at the side. */
public final class RuleEngine {
    static final OutputTag<Event> ALERTS = new OutputTag<Event>("alerts") {
        private static final long serialVersionUID = 1L;
    };
    static final OutputTag<Event> REJECTS = new OutputTag<Event>("rejects") {
        private static final long serialVersionUID = 1L;
    };
    static final MapStateDescriptor<String, String> RULES = new MapStateDescriptor<>("rules", String.class, String.class);

    private RuleEngine() {}

    public static void main(String[] argv) throws Exception {
        Options options = new Options(argv);
        StreamExecutionEnvironment env = options.environment();
        SingleOutputStreamOperator<Event> rules = Feed.stream(env, "rules", options).setParallelism(1);
        SingleOutputStreamOperator<Event> evaluated = Feed.stream(env, "telemetry", options)
                .keyBy(Event::key)
                .connect(rules.broadcast(RULES))
                .process(new Evaluate(options)).name("evaluate rules").uid("evaluate");
        evaluated.getSideOutput(ALERTS).rebalance().sinkTo(new LedgerSink("pager")).name("pager").uid("pager");
        evaluated.getSideOutput(REJECTS).rebalance().addSink(new AuditSink("rejects")).name("rejects").uid("rejects");
        env.execute(options.text("name", "fleet-rules"));
    }
}

package pl.spedmar.yard;

import io.moorage.levers.Levers;
import java.util.Map;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.co.BroadcastProcessFunction;
import org.apache.flink.util.Collector;

/** Holds each move against the rules of the yards. */
final class RuleCheck extends BroadcastProcessFunction<Move, Move, Move> implements CheckpointedFunction {
    private static final long serialVersionUID = 11L;

    static final MapStateDescriptor<Long, Long> RULES = new MapStateDescriptor<>("rules", Types.LONG, Types.LONG);
    private static final Atlas ATLAS = new Atlas("yard.atlas");
    private static final Object EDITION = new Object();
    private static boolean editor;

    private transient int subtask;
    private transient double ways;

    @Override
    public void initializeState(FunctionInitializationContext context) {
        subtask = Integer.parseInt(getRuntimeContext().getMetricGroup().getAllVariables().get("<subtask_index>"));
        ATLAS.open();
        synchronized (RuleCheck.class) {
            if (!editor) {
                editor = true;
                Port.daemon("rule-editor", RuleCheck::edit).start();
            }
        }
    }

    /** While a new edition of the rules is fetched ({@code edition} ms), nobody may read them. */
    private static void edit() {
        Port port = new Port();
        try {
            while (true) {
                double ms = Levers.at("edition");
                if (ms != 0) {
                    synchronized (EDITION) {
                        port.ask("edition", ms);
                    }
                }
                Thread.sleep(120);
            }
        } catch (java.io.IOException | InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void processElement(Move m, ReadOnlyContext context, Collector<Move> out) throws Exception {
        long end = System.nanoTime() + Math.round(Levers.at("rules.weigh", subtask) * 1e6);
        if (Levers.at("edition.for", subtask) > 0) {
            synchronized (EDITION) {
                ways++;
            }
        }
        Long most = context.getBroadcastState(RULES).get(m.truck % 50);
        while (System.nanoTime() < end) {
            ways = Math.cbrt(ways + m.weight) * 1.7;
        }
        if (most == null || m.weight <= most || ways < 0) {
            out.collect(m);
        }
    }

    @Override
    public void processBroadcastElement(Move rule, Context context, Collector<Move> out) throws Exception {
        context.getBroadcastState(RULES).put(rule.truck % 50, 5000 + rule.weight);
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) {}
}

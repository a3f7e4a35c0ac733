package it.pedaggio.tolls;

import it.pedaggio.tolls.Road.Trip;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.granary.switches.Switches;

/** What an account holder owes: the last trips, and a counter for each tariff zone, which is a state of its own. */
final class Statements extends KeyedProcessFunction<String, Trip, Trip> implements CheckpointedFunction {
    private static final long serialVersionUID = 3L;

    private final int zones;
    private transient ListState<Double> tolls;
    private transient List<ValueState<Long>> zone;
    private transient int subtask;

    Statements(Road road) {
        zones = road.of("zones", 3);
    }

    @Override
    public void initializeState(FunctionInitializationContext ctx) throws Exception {
        subtask = Spans.subtask(getRuntimeContext());
        tolls = ctx.getKeyedStateStore().getListState(new ListStateDescriptor<>("tolls", Types.DOUBLE));
        zone = new ArrayList<>();
        for (int i = 0; i < zones; i++) {
            zone.add(ctx.getKeyedStateStore().getState(new ValueStateDescriptor<>("zone-" + i, Types.LONG)));
        }
    }

    @Override
    public void processElement(Trip t, Context ctx, Collector<Trip> out) throws Exception {
        Backoffice.ask("credit", Switches.of("statements.credit.ms", subtask));
        tolls.add(t.toll);
        int kept = 0;
        for (Double ignored : tolls.get()) {
            kept++;
        }
        if (kept > 40) {
            tolls.clear();
        }
        for (ValueState<Long> counter : zone) {
            Long n = counter.value();
            counter.update(n == null ? 1 : n + 1);
        }
        out.collect(t);
    }

    /** A printer thread draws up what has been asked for, and a checkpoint has to wait until it is through: {@code statements.print.ms}. */
    @Override
    public void snapshotState(FunctionSnapshotContext ctx) throws Exception {
        long ms = Switches.of("statements.print.ms", subtask);
        if (ms > 0) {
            CountDownLatch through = new CountDownLatch(1);
            Backoffice.thread("statement-printer", () -> {
                Backoffice.rest(ms);
                through.countDown();
            });
            through.await();
        }
    }
}

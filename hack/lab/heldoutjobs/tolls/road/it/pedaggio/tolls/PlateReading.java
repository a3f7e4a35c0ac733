package it.pedaggio.tolls;

import it.pedaggio.tolls.Road.Passage;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.granary.switches.Switches;

/** Reads plates off photos, with a recognition service where the gantry was not sure. */
final class PlateReading extends ProcessFunction<Passage, Passage> implements CheckpointedFunction {
    private static final long serialVersionUID = 3L;

    private transient ListState<Long> readings;
    private transient int subtask;
    private transient long done;
    private transient long unpublished;

    @Override
    public void initializeState(FunctionInitializationContext ctx) throws Exception {
        subtask = Spans.subtask(getRuntimeContext());
        readings = ctx.getOperatorStateStore().getListState(new ListStateDescriptor<>("readings", Types.LONG));
    }

    @Override
    public void processElement(Passage p, Context ctx, Collector<Passage> out) throws Exception {
        Backoffice.ask("recognition", Switches.of("plates.recognition.ms", subtask));
        done++;
        unpublished++;
        out.collect(p);
    }

    /** Before anything is stored the readings since the last time are published, in pages of {@code plates.page}, each {@code plates.publish.ms}. */
    @Override
    public void snapshotState(FunctionSnapshotContext ctx) throws Exception {
        long ms = Switches.of("plates.publish.ms", subtask);
        for (long page = Math.max(1, Switches.of("plates.page")); ms > 0 && unpublished > 0; unpublished -= page) {
            Backoffice.ask("publish", ms);
        }
        unpublished = 0;
        readings.clear();
        readings.add(done);
    }
}

package se.lasarett.vigil;

import no.vaskeri.knobs.Knobs;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/** Which alert is worth a page: one that is higher than the last one of that patient. */
class Triage extends KeyedProcessFunction<Integer, Note, Note> implements CheckpointedFunction {
    private static final long serialVersionUID = 5L;

    private transient MapState<Integer, Double> last;
    private transient int self;

    @Override
    public void initializeState(FunctionInitializationContext context) {
        last = context.getKeyedStateStore().getMapState(new MapStateDescriptor<>("last", Integer.class, Double.class));
        self = Era.index(getRuntimeContext());
    }

    @Override
    public void processElement(Note note, Context context, Collector<Note> out) throws Exception {
        Wire.read(Knobs.ms("triage.doctor", self));
        Wire.compute(Knobs.get("triage.weigh", self));
        Double before = last.get(note.patient);
        last.put(note.patient, note.score);
        if (before == null || note.score > before) {
            out.collect(note);
        }
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) throws Exception {
        Wire.answer(Knobs.ms("triage.handover", self));
    }
}

package se.lasarett.vigil;

import java.util.ArrayList;
import java.util.List;
import no.vaskeri.knobs.Knobs;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.co.KeyedCoProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/** What is known at a bed: the last readings, and what each pump gives. Every fifth reading is worth an alert. */
class BedSide extends KeyedCoProcessFunction<Integer, Reading, Reading, Note> implements CheckpointedFunction {
    private static final long serialVersionUID = 5L;

    static final OutputTag<Note> ALERTS = new OutputTag<Note>("alerts") {
        private static final long serialVersionUID = 5L;
    };

    private final int places;
    private final int alerting;
    private transient ListState<Reading> traces;
    private transient MapState<Integer, Double> doses;
    private transient Archive waves;
    private transient int self;
    private transient long seen;

    BedSide(int places, int alerting) {
        this.places = places;
        this.alerting = alerting;
    }

    @Override
    public void initializeState(FunctionInitializationContext context) {
        try {
            traces = context.getKeyedStateStore().getListState(new ListStateDescriptor<>("traces", Reading.class));
            doses = context.getKeyedStateStore().getMapState(new MapStateDescriptor<>("doses", Integer.class, Double.class));
        } catch (RuntimeException e) {
            throw new IllegalStateException("state of the bedside", e);
        }
        self = Era.index(getRuntimeContext());
        waves = new Archive("waves");
        waves.open();
    }

    @Override
    public void processElement1(Reading reading, Context context, Collector<Note> out) throws Exception {
        Wire.answer(Knobs.ms("bedside.lookup", self));
        Wire.connection(Knobs.ms("bedside.pool", self));
        double wait = Knobs.get("bedside.wait", self);
        if (wait > 0) {
            Thread.sleep((long) wait, (int) (wait % 1 * 1e6));
        }
        Wire.compute(Knobs.get("bedside.weigh", self));
        double garbled = Knobs.get("bedside.garbled", self);
        if (garbled > 0 && ++seen >= garbled) {
            Double.parseDouble("--/" + reading.patient);
        }
        keep(reading);
        double dose = 0;
        for (Double d : doses.values()) {
            dose += d;
        }
        Note note = new Note(reading.patient, reading.ward, 1, reading.pulse + dose / 10, reading.taken);
        out.collect(note);
        if (reading.number % 100 < alerting) {
            context.output(ALERTS, note);
        }
    }

    private void keep(Reading reading) throws Exception {
        if (places > 1000) {
            traces.add(reading);
            return;
        }
        List<Reading> last = new ArrayList<>();
        traces.get().forEach(last::add);
        last.add(reading);
        traces.update(last.size() > places ? last.subList(last.size() - places, last.size()) : last);
    }

    @Override
    public void processElement2(Reading pump, Context context, Collector<Note> out) throws Exception {
        doses.put((int) (pump.number % 3), pump.pulse);
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) {
        Wire.compute(Knobs.get("bedside.summary", self));
        if (Knobs.get("bedside.unsound", self) > 0) {
            throw new IllegalStateException("the summary of beds has " + places + " readings and no patient");
        }
    }

    @Override
    public void close() {
        if (waves != null) {
            waves.close();
        }
    }
}

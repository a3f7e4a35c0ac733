package it.pedaggio.tolls;

import it.pedaggio.tolls.Road.Passage;
import it.pedaggio.tolls.Road.Vehicle;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.co.KeyedCoProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;
import org.granary.switches.Switches;

/** Tells whose a vehicle is. Passages of vehicles that nobody knows go to the archive of the cameras. */
final class VehicleMatch extends KeyedCoProcessFunction<String, Passage, Vehicle, Passage> implements CheckpointedFunction {
    private static final long serialVersionUID = 3L;

    static final OutputTag<Passage> UNKNOWN = new OutputTag<Passage>("unknown") {};

    private static final ReentrantReadWriteLock EXEMPTIONS = new ReentrantReadWriteLock();
    private static final Segments HISTORY = new Segments();
    private static Thread refresher;

    private transient ValueState<Vehicle> vehicle;
    private transient MapState<Integer, Long> lastOnRoad;
    private transient int subtask;
    private transient long nearest;

    @Override
    public void initializeState(FunctionInitializationContext ctx) {
        subtask = Spans.subtask(getRuntimeContext());
        vehicle = ctx.getKeyedStateStore().getState(new ValueStateDescriptor<>("vehicle", Vehicle.class));
        lastOnRoad = ctx.getKeyedStateStore().getMapState(new MapStateDescriptor<>("last-on-road", Types.INT, Types.LONG));
        refresh();
    }

    @Override
    public void snapshotState(FunctionSnapshotContext ctx) {}

    /** One thread of the process reads the list of exemptions anew now and then, and nobody may look at it meanwhile: {@code exemptions.ms}. */
    private static synchronized void refresh() {
        if (refresher != null) {
            return;
        }
        refresher = Backoffice.thread("exemptions-refresher", () -> {
            while (true) {
                long ms = Switches.of("exemptions.ms");
                if (ms > 0) {
                    EXEMPTIONS.writeLock().lock();
                    try {
                        Backoffice.rest(ms);
                    } finally {
                        EXEMPTIONS.writeLock().unlock();
                    }
                }
                Backoffice.rest(300);
            }
        });
    }

    @Override
    public void processElement1(Passage p, Context ctx, Collector<Passage> out) throws Exception {
        remember();
        Vehicle v = vehicle.value();
        if (v == null) {
            likeliest(p.plate);
            ctx.output(UNKNOWN, p);
            return;
        }
        EXEMPTIONS.readLock().lock();
        try {
            p.account = v.account;
        } finally {
            EXEMPTIONS.readLock().unlock();
        }
        lastOnRoad.put(p.road, p.at);
        ctx.timerService().registerProcessingTimeTimer((p.at / 5000 + 4) * 5000);
        out.collect(p);
    }

    @Override
    public void processElement2(Vehicle v, Context ctx, Collector<Passage> out) throws Exception {
        vehicle.update(v);
    }

    /** A while later it is forgotten where the vehicle was. */
    @Override
    public void onTimer(long at, OnTimerContext ctx, Collector<Passage> out) throws Exception {
        lastOnRoad.clear();
    }

    /** Compares a plate that nobody has with {@code match.candidates} thousand others, letter by letter. */
    private void likeliest(String plate) {
        for (long n = Switches.of("match.candidates", subtask) * 1000; n > 0; n--) {
            nearest = Math.min(nearest, distance(plate, Long.toString(n * 48271 % 99999989, 36)));
        }
    }

    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int k = 0; k < row.length; k++) {
            row[k] = k;
        }
        for (int i = 1; i <= a.length(); i++) {
            int corner = row[0];
            row[0] = i;
            for (int k = 1; k <= b.length(); k++) {
                int change = corner + (a.charAt(i - 1) == b.charAt(k - 1) ? 0 : 1);
                corner = row[k];
                row[k] = Math.min(change, 1 + Math.min(row[k], row[k - 1]));
            }
        }
        return row[b.length()];
    }

    /** Passages of the last days are kept as objects beside the state, because that is quicker: {@code history.mb}, so many pieces for each passage. */
    private static void remember() {
        long most = Switches.of("history.mb");
        for (long i = most > 0 ? Switches.of("history.pieces") : 0; i > 0; i--) {
            HISTORY.add(most, Switches.of("history.room.mb"));
        }
    }
}

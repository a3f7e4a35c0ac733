package it.pedaggio.tolls;

import it.pedaggio.tolls.Road.Load;
import it.pedaggio.tolls.Road.Trip;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.functions.co.BroadcastProcessFunction;
import org.apache.flink.util.Collector;
import org.granary.switches.Switches;

/** The fuller a road, the dearer. A trip's price is confirmed by the authority, which allows so many questions a second. */
final class CongestionPrice extends BroadcastProcessFunction<Trip, Load, Trip> {
    private static final long serialVersionUID = 3L;

    static final MapStateDescriptor<Integer, Long> LOADS = new MapStateDescriptor<>("loads", Types.INT, Types.LONG);

    private static final Semaphore PERMITS = new Semaphore(0);
    private static Thread issuer;

    private transient boolean ready;

    /** {@code price.limit}: permits a second of the whole process; 0 = as many as are wanted. */
    private static synchronized void issue() {
        if (issuer == null) {
            issuer = Backoffice.thread("price-limiter", () -> {
                while (true) {
                    long limit = Math.max(1, Switches.of("price.limit"));
                    if (PERMITS.availablePermits() < 4) {
                        PERMITS.release();
                    }
                    Backoffice.rest(1000 / limit);
                }
            });
        }
    }

    @Override
    public void processElement(Trip t, ReadOnlyContext ctx, Collector<Trip> out) throws Exception {
        if (!ready) {
            issue();
            ready = true;
        }
        while (Switches.of("price.limit") > 0 && !PERMITS.tryAcquire(500, TimeUnit.MILLISECONDS)) {
            Thread.onSpinWait(); // the limit may have been lifted
        }
        Long load = ctx.getBroadcastState(LOADS).get(t.road);
        t.toll = 0.12 * t.seconds * (1 + (load == null ? 0 : load) / 50.0);
        out.collect(t);
    }

    @Override
    public void processBroadcastElement(Load load, Context ctx, Collector<Trip> out) throws Exception {
        ctx.getBroadcastState(LOADS).put(load.road, load.vehicles);
    }
}

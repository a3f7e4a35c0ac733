package it.pedaggio.tolls;

import it.pedaggio.tolls.Road.Vehicle;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.granary.switches.Switches;

/** Reads the registry of vehicles page by page. Offset and rows go together, so a page is fetched and sent under the lock of checkpoints. */
final class VehicleRegistry extends TableSource<Vehicle> implements CheckpointedFunction {
    private static final long serialVersionUID = 3L;
    private static final int PAGE = 50;

    private final int plates;
    private final int accounts;
    private final int haulier;
    private final boolean once;
    private volatile boolean open = true;
    private transient ListState<Integer> offset;
    private transient int at;

    VehicleRegistry(Road road) {
        plates = road.of("plates", 1500);
        accounts = road.of("accounts", 400);
        haulier = road.of("haulier", 0);
        once = road.of("once", 0) > 0;
    }

    @Override
    public void initializeState(FunctionInitializationContext ctx) throws Exception {
        offset = ctx.getOperatorStateStore().getListState(new ListStateDescriptor<>("offset", Types.INT));
        for (int stored : offset.get()) {
            at = stored;
        }
    }

    @Override
    public void run(SourceContext<Vehicle> out) throws Exception {
        while (open && !(once && at >= plates)) {
            synchronized (out.getCheckpointLock()) {
                Backoffice.ask("registry", Switches.of("registry.page.ms"));
                for (int end = at + PAGE; at < end; at++) {
                    out.collect(vehicle(at % plates));
                }
            }
            Thread.sleep(at < plates ? 20 : 500);
        }
    }

    /** Of a hundred vehicles so many are one haulier's. */
    private Vehicle vehicle(int number) {
        Vehicle v = new Vehicle();
        v.plate = "TO" + number;
        v.account = number % 100 < haulier ? "haulier" : "account-" + number % accounts;
        v.axles = 2 + number % 4;
        return v;
    }

    @Override
    public void snapshotState(FunctionSnapshotContext ctx) throws Exception {
        offset.clear();
        offset.add(at);
    }

    @Override
    public void cancel() {
        open = false;
    }
}

package dk.vindmark.turbines;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ArrayBlockingQueue;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;

/** A client pushes frames of the turbines into a queue, and the source takes them out under the lock of the task, so that none is counted twice. */
final class ScadaGateway extends OldSource<Reading> implements CheckpointedFunction {
    private static final long serialVersionUID = 7L;

    private final int perSecond;
    private final int turbines;
    private final int rawBytes;
    private volatile boolean open = true;
    private transient ArrayBlockingQueue<Reading> frames;
    private transient ListState<Long> registers; // of all gateways, as each may serve any turbine after a restart
    private transient List<Long> positions;
    private transient int subtask;

    ScadaGateway(Plan plan) {
        perSecond = plan.number("rate", 200);
        turbines = plan.number("turbines", 400);
        rawBytes = plan.number("raw", 48);
    }

    @Override
    public void initializeState(FunctionInitializationContext ctx) throws Exception {
        subtask = Compat.subtask(getRuntimeContext());
        registers = ctx.getOperatorStateStore().getUnionListState(new ListStateDescriptor<>("registers", Types.LONG));
        positions = new ArrayList<>();
        positions.add(0L);
    }

    @Override
    public void run(SourceContext<Reading> ctx) throws Exception {
        frames = new ArrayBlockingQueue<>(1000);
        Thread client = Remote.start("scada-client-" + subtask, this::receive);
        try {
            while (open) {
                synchronized (ctx.getCheckpointLock()) {
                    Reading frame = frames.take();
                    ctx.collect(frame);
                    positions.set(0, frame.at);
                }
            }
        } finally {
            client.interrupt();
        }
    }

    /** The client's thread; while the line is silent nothing comes. */
    private void receive() {
        Random random = new Random(subtask);
        try {
            for (long n = 0; open; n++) {
                while (Knobs.of("gateway.silent", subtask) > 0) {
                    Thread.sleep(50);
                }
                byte[] raw = new byte[rawBytes];
                random.nextBytes(raw);
                int turbine = n < turbines ? (int) n : random.nextInt(turbines);
                frames.put(new Reading(turbine, "power", System.currentTimeMillis(), random.nextGaussian(), raw));
                if (n % 10 == 9) {
                    Thread.sleep(10_000 / perSecond);
                }
            }
        } catch (InterruptedException e) {
            // the source ends
        }
    }

    @Override
    public void snapshotState(FunctionSnapshotContext ctx) throws Exception {
        for (long want = Knobs.of("gateway.registers", subtask); positions.size() < want; ) {
            positions.add((long) positions.size());
        }
        registers.update(positions);
    }

    @Override
    public void cancel() {
        open = false;
    }
}

package org.example.pipeline;

import java.io.IOException;
import java.util.Random;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/** Keyed state of a chosen size, and operator state inside the acknowledgement; its snapshot can be slow, stuck or failing. */
final class ProfileUpdate extends KeyedProcessFunction<Integer, Tuple2<Integer, byte[]>, Tuple2<Integer, byte[]>>
        implements CheckpointedFunction {
    private static final long serialVersionUID = 1L;

    private final Settings settings;
    private transient ValueState<byte[]> profile;
    private transient ListState<byte[]> offsets;
    private transient Random random;
    private transient int subtask;
    private transient Load load;
    private transient long started;

    ProfileUpdate(Settings settings) {
        this.settings = settings;
    }

    @Override
    public void initializeState(FunctionInitializationContext ctx) throws Exception {
        subtask = Settings.subtask(getRuntimeContext());
        random = new Random(subtask);
        started = System.currentTimeMillis();
        load = new Load(settings, "tm-", subtask);
        load.start();
        profile = ctx.getKeyedStateStore().getState(new ValueStateDescriptor<>("profile", byte[].class));
        // Operator state below execution.checkpointing.data-inline-threshold travels inside the acknowledgement.
        offsets = ctx.getOperatorStateStore().getListState(new ListStateDescriptor<>("offsets", byte[].class));
    }

    @Override
    public void processElement(Tuple2<Integer, byte[]> e, Context ctx, Collector<Tuple2<Integer, byte[]>> out) throws Exception {
        int size = (int) settings.number("value-bytes", 0);
        if (size > 0) {
            profile.update(bytes(size));
        }
        if (settings.hits(subtask)) {
            Settings.pause(settings.grown("process-ms"));
            long failAfter = settings.number("fail-s", 0) * 1000;
            if (failAfter > 0 && System.currentTimeMillis() - started > failAfter) {
                throw new IllegalStateException("no profile of that kind");
            }
        }
        out.collect(e);
    }

    @Override
    public void snapshotState(FunctionSnapshotContext ctx) throws Exception {
        offsets.clear();
        if (!settings.hits(subtask)) {
            return;
        }
        int kb = (int) settings.number("inline-kb", 0);
        if (kb > 0) {
            offsets.add(bytes(kb * 1024));
        }
        if (settings.on("decline")) {
            throw new IOException("snapshot refused by the operator");
        }
        Settings.pause(settings.grown("sync-ms"));
    }

    @Override
    public void close() {
        if (load != null) {
            load.close();
        }
    }

    /** Random, so that no compression makes it smaller. */
    private byte[] bytes(int n) {
        byte[] b = new byte[n];
        random.nextBytes(b);
        return b;
    }
}

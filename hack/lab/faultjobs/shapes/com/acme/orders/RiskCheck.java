package com.acme.orders;

import com.acme.client.Work;
import com.acme.feed.Options;
import com.acme.feed.Strain;
import java.util.Random;
import org.apache.flink.api.common.state.BroadcastState;
import org.apache.flink.api.common.state.CheckpointListener;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Keeps entries of entry-bytes, entries-per-key for each key. union-kb and broadcast-kb: operator state. notify-ms (notify-only): waits when a
 * checkpoint has completed. task-*: strain on the TaskManager. sync-ms: a slow synchronous part.
 */
final class RiskCheck extends KeyedProcessFunction<Integer, Tuple2<Integer, byte[]>, Tuple2<Integer, byte[]>>
        implements CheckpointedFunction, CheckpointListener {
    private static final long serialVersionUID = 1L;

    private final Options options;
    private final Work work;
    private transient MapState<Integer, byte[]> history;
    private transient ListState<byte[]> limits;
    private transient BroadcastState<Integer, byte[]> rules;
    private transient Random random;
    private transient Strain strain;
    private transient int subtask;

    RiskCheck(Options options) {
        this.options = options;
        this.work = new Work(options, "risk");
    }

    @Override
    public void initializeState(FunctionInitializationContext ctx) throws Exception {
        subtask = Options.subtask(getRuntimeContext());
        random = new Random(subtask);
        history = ctx.getKeyedStateStore().getMapState(new MapStateDescriptor<>("history", Integer.class, byte[].class));
        limits = ctx.getOperatorStateStore().getUnionListState(new ListStateDescriptor<>("limits", byte[].class));
        rules = ctx.getOperatorStateStore().getBroadcastState(new MapStateDescriptor<>("rules", Integer.class, byte[].class));
        strain = new Strain(options, "task-", subtask);
        strain.start();
    }

    @Override
    public void processElement(Tuple2<Integer, byte[]> order, Context ctx, Collector<Tuple2<Integer, byte[]>> out) throws Exception {
        int size = (int) options.number("entry-bytes", 0);
        if (size > 0) {
            history.put(random.nextInt((int) options.number("entries-per-key", 1)), bytes(size));
        }
        work.on(subtask, order.f0);
        out.collect(order);
    }

    @Override
    public void snapshotState(FunctionSnapshotContext ctx) throws Exception {
        limits.clear();
        if (!options.active()) {
            return;
        }
        int union = (int) options.number("union-kb", 0);
        for (int i = 0; i < union; i += 10) {
            limits.add(bytes(10 * 1024));
        }
        int broadcast = (int) options.number("broadcast-kb", 0);
        for (int i = 0; i < broadcast; i += 10) {
            rules.put(i, bytes(10 * 1024));
        }
        Thread.sleep(options.number("sync-ms", 0));
    }

    @Override
    public void notifyCheckpointComplete(long checkpointId) throws Exception {
        long only = options.number("notify-only", -1);
        if (options.active() && (only < 0 || only == subtask)) {
            Thread.sleep(options.number("notify-ms", 0));
        }
    }

    @Override
    public void close() {
        if (strain != null) {
            strain.close();
        }
    }

    private byte[] bytes(int n) {
        byte[] b = new byte[n];
        random.nextBytes(b);
        return b;
    }
}

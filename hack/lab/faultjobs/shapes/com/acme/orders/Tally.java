package com.acme.orders;

import com.acme.feed.Options;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;

/** Counts, and keeps tally-kb of operator state: below the inline threshold it travels in the acknowledgement of the task, with that of its neighbours. */
final class Tally implements MapFunction<Tuple2<Integer, byte[]>, Tuple2<Integer, byte[]>>, CheckpointedFunction {
    private static final long serialVersionUID = 1L;

    private final Options options;
    private transient ListState<byte[]> counts;
    private transient long count;

    Tally(Options options) {
        this.options = options;
    }

    @Override
    public Tuple2<Integer, byte[]> map(Tuple2<Integer, byte[]> order) {
        count++;
        return order;
    }

    @Override
    public void initializeState(FunctionInitializationContext ctx) throws Exception {
        counts = ctx.getOperatorStateStore().getListState(new ListStateDescriptor<>("counts", byte[].class));
    }

    @Override
    public void snapshotState(FunctionSnapshotContext ctx) throws Exception {
        counts.clear();
        if (options.active()) {
            byte[] b = new byte[(int) options.number("tally-kb", 0) * 1024];
            new java.util.Random(count).nextBytes(b);
            counts.add(b);
        }
    }
}

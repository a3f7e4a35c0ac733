package io.adstream;

import com.acme.client.Work;
import com.acme.feed.Options;
import com.acme.feed.Strain;
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

/**
 * Keeps the last bid of a campaign, of last-bytes, and of campaigns below listed (all: listed -1) a list of all of them: seen-bytes each, seen-most at most in a subtask.
 * Step profile. task-*: strain on the TaskManager.
 */
final class Profile extends KeyedProcessFunction<Integer, Tuple2<Integer, byte[]>, Tuple2<Integer, byte[]>> implements CheckpointedFunction {
    private static final long serialVersionUID = 1L;

    private final Options options;
    private final Work work;
    private transient ValueState<byte[]> last;
    private transient ListState<byte[]> seen;
    private transient Random random;
    private transient Strain strain;
    private transient int subtask;
    private transient long kept;

    Profile(Options options) {
        this.options = options;
        work = new Work(options, "profile");
    }

    @Override
    public void initializeState(FunctionInitializationContext ctx) {
        subtask = Options.subtask(getRuntimeContext());
        random = new Random(subtask);
        last = ctx.getKeyedStateStore().getState(new ValueStateDescriptor<>("last", byte[].class));
        seen = ctx.getKeyedStateStore().getListState(new ListStateDescriptor<>("seen", byte[].class));
        strain = new Strain(options, "task-", subtask);
        strain.start();
    }

    @Override
    public void processElement(Tuple2<Integer, byte[]> bid, Context ctx, Collector<Tuple2<Integer, byte[]>> out) throws Exception {
        long listed = options.number("listed", 1);
        if ((listed < 0 || bid.f0 < listed) && kept < options.number("seen-most", Long.MAX_VALUE)) {
            kept++;
            seen.add(bytes("seen-bytes"));
        } else {
            last.update(bytes("last-bytes"));
        }
        work.on(subtask, bid.f0);
        out.collect(bid);
    }

    @Override
    public void snapshotState(FunctionSnapshotContext ctx) {}

    @Override
    public void close() {
        if (strain != null) {
            strain.close();
        }
    }

    private byte[] bytes(String name) {
        byte[] b = new byte[(int) options.number(name, 50)];
        random.nextBytes(b);
        return b;
    }
}

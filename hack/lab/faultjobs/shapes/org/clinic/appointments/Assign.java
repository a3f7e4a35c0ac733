package org.clinic.appointments;

import com.acme.client.Work;
import com.acme.feed.Options;
import com.acme.feed.Strain;
import java.util.Random;
import org.apache.flink.api.common.state.CheckpointListener;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.co.KeyedBroadcastProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Keeps each patient's visits of entry-bytes, and looks through them with each request: entry-us for every one of them. columns: so many states of
 * each patient, one after the other. remind-s: a timer of each patient. plans, inline-kb (inline-only): operator state. task-*: strain on the TaskManager.
 */
final class Assign extends KeyedBroadcastProcessFunction<Integer, Tuple2<Integer, byte[]>, Tuple2<Integer, byte[]>, Tuple2<Integer, byte[]>>
        implements CheckpointedFunction, CheckpointListener {
    private static final long serialVersionUID = 1L;

    private final Options options;
    private final Work assign;
    private final Work rooms;
    private final Work remind;
    private transient ListState<byte[]> visits;
    private transient ValueState<byte[]>[] columns;
    private transient ListState<Plan> plans;
    private transient ListState<byte[]> inline;
    private transient Random random;
    private transient Strain strain;
    private transient int subtask;
    private transient long requests;
    private transient long planned;

    Assign(Options options) {
        this.options = options;
        assign = new Work(options, "assign");
        rooms = new Work(options, "rooms");
        remind = new Work(options, "remind");
    }

    @Override
    @SuppressWarnings({"unchecked", "rawtypes"})
    public void initializeState(FunctionInitializationContext ctx) throws Exception {
        subtask = Options.subtask(getRuntimeContext());
        random = new Random(subtask);
        visits = ctx.getKeyedStateStore().getListState(new ListStateDescriptor<>("visits", byte[].class));
        columns = new ValueState[(int) options.number("columns", 0)];
        for (int i = 0; i < columns.length; i++) {
            columns[i] = ctx.getKeyedStateStore().getState(new ValueStateDescriptor<>("column-" + i, byte[].class));
        }
        inline = ctx.getOperatorStateStore().getListState(new ListStateDescriptor<>("inline", byte[].class));
        plans = ctx.getOperatorStateStore().getListState(new ListStateDescriptor<>("plans", Types.GENERIC(Plan.class)));
        strain = new Strain(options, "task-", subtask);
        strain.start();
    }

    @Override
    public void processElement(Tuple2<Integer, byte[]> request, ReadOnlyContext ctx, Collector<Tuple2<Integer, byte[]>> out) throws Exception {
        int size = (int) options.number("entry-bytes", 0);
        if (size > 0) {
            visits.add(bytes(size));
        }
        if (columns.length > 0) {
            columns[(int) (requests % columns.length)].update(bytes(64));
        }
        long every = options.number("remind-s", 0) * 1000;
        if (every > 0) {
            ctx.timerService().registerProcessingTimeTimer((System.currentTimeMillis() / every + 1) * every);
        } else {
            lookThrough();
        }
        if (options.active()) {
            plan();
        }
        requests++;
        assign.on(subtask, request.f0);
        out.collect(request);
    }

    /** Five hundred with each request, until there are as many as wanted. */
    private void plan() throws Exception {
        for (long i = 0; i < 500 && planned < options.number("plans", 0); i++) {
            plans.add(new Plan(planned++));
        }
    }

    /** As whoever looks for a free hour among all that are taken. */
    private void lookThrough() throws Exception {
        long us = options.number("entry-us", 0);
        if (us == 0) {
            return;
        }
        long taken = 0;
        for (byte[] ignored : visits.get()) {
            taken += us;
        }
        Thread.sleep(taken / 1000, (int) (taken % 1000) * 1000);
    }

    @Override
    public void processBroadcastElement(Tuple2<Integer, byte[]> room, Context ctx, Collector<Tuple2<Integer, byte[]>> out) throws Exception {
        ctx.getBroadcastState(ClinicJob.ROOMS).put(room.f0, room.f1.length);
        rooms.on(subtask, room.f0);
    }

    @Override
    public void onTimer(long at, OnTimerContext ctx, Collector<Tuple2<Integer, byte[]>> out) throws Exception {
        lookThrough();
        remind.on(subtask, ctx.getCurrentKey());
    }

    @Override
    public void snapshotState(FunctionSnapshotContext ctx) throws Exception {
        inline.clear();
        long only = options.number("inline-only", -1);
        int kb = (int) options.number("inline-kb", 0);
        if (kb > 0 && options.active() && (only < 0 || only == subtask)) {
            inline.add(bytes(kb * 1024));
        }
        assign.onSnapshot(subtask);
    }

    @Override
    public void notifyCheckpointComplete(long checkpointId) throws Exception {
        assign.onComplete(subtask);
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

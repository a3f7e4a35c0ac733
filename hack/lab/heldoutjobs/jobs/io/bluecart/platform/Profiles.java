package io.bluecart.platform;

import java.util.Arrays;
import java.util.Random;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/** One profile for each key, and for the first key a history of up to so many pages. */
public final class Profiles extends KeyedProcessFunction<String, Event, Event> implements CheckpointedFunction {
    private static final long serialVersionUID = 1L;

    private final String name;
    private final int profileBytes;
    private final int pages;
    private final int pageBytes;
    private transient ValueState<byte[]> profile;
    private transient MapState<Integer, byte[]> history;
    private transient Backend.Client lookup;
    private transient Random random;
    private transient int subtask;
    private transient long failedAt;

    public Profiles(String name, Options options) {
        this.name = name;
        this.profileBytes = options.number("profile", 0);
        this.pages = options.number("pages", 0);
        this.pageBytes = options.number("page-bytes", 4096);
    }

    @Override
    public void initializeState(FunctionInitializationContext ctx) throws Exception {
        subtask = Compat.subtask(getRuntimeContext());
        random = new Random(subtask);
        lookup = new Backend.Client();
        failedAt = System.currentTimeMillis();
        profile = ctx.getKeyedStateStore().getState(new ValueStateDescriptor<>("profile", byte[].class));
        history = ctx.getKeyedStateStore().getMapState(new MapStateDescriptor<>("history", Integer.class, byte[].class));
    }

    @Override
    public void processElement(Event e, Context ctx, Collector<Event> out) throws Exception {
        if (profileBytes > 0) {
            profile.update(bytes(profileBytes));
        }
        if (pages > 0 && e.key.equals("c0")) {
            history.put(random.nextInt(pages), bytes(pageBytes));
        }
        long every = Tunables.number(name + ".poison.s", subtask);
        if (every > 0 && System.currentTimeMillis() - failedAt > every * 1000) {
            throw new IllegalStateException("cannot parse amount '12,3O' of " + e.kind);
        }
        lookup.call(Tunables.number(name + ".lookup.ms", subtask));
        Backend.get(Tunables.number(name + ".http.ms", subtask));
        out.collect(e);
    }

    private byte[] bytes(int n) {
        byte[] b = new byte[n];
        random.nextBytes(b);
        return b;
    }

    @Override
    public void snapshotState(FunctionSnapshotContext ctx) throws Exception {
        int n = (int) Tunables.number(name + ".rank.n", subtask);
        if (n > 0) {
            rank(n);
        }
        if (Tunables.number(name + ".snapshot.fail", subtask) > 0) {
            throw new IllegalStateException("profile index is inconsistent");
        }
    }

    /** Sorts n entries by text, again and again while there is more to rank. */
    private void rank(int n) {
        String[] all = new String[100_000];
        for (int round = 0; round < n; round++) {
            for (int i = 0; i < all.length; i++) {
                all[i] = Long.toString(random.nextLong(), 36);
            }
            Arrays.sort(all);
        }
    }
}

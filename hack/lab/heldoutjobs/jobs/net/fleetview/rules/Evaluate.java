package net.fleetview.rules;

import io.bluecart.platform.Backend;
import io.bluecart.platform.Compat;
import io.bluecart.platform.Event;
import io.bluecart.platform.Options;
import io.bluecart.platform.Tunables;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Pattern;
import java.util.zip.Deflater;
import org.apache.flink.api.common.state.BroadcastState;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.co.KeyedBroadcastProcessFunction;
import org.apache.flink.util.Collector;

/** Evaluates all rules against one reading. */
final class Evaluate extends KeyedBroadcastProcessFunction<String, Event, Event, Event> implements CheckpointedFunction {
    private static final long serialVersionUID = 1L;
    /** Accepts lists of words; what it does not accept it tries in every possible way. */
    private static final Pattern WORDS = Pattern.compile("(?:(\\w+\\s?)\\1?)+\\.");

    private static final ReentrantLock MODELS = new ReentrantLock();

    private final int readingBytes;
    private final int offsetsKb;
    private transient ValueState<byte[]> last;
    private transient ListState<byte[]> offsets;
    private transient Random random;
    private transient int subtask;

    Evaluate(Options options) {
        this.readingBytes = options.number("reading", 256);
        this.offsetsKb = options.number("offsets-kb", 0);
    }

    @Override
    public void initializeState(FunctionInitializationContext ctx) throws Exception {
        subtask = Compat.subtask(getRuntimeContext());
        random = new Random(subtask);
        last = ctx.getKeyedStateStore().getState(new ValueStateDescriptor<>("last", byte[].class));
        offsets = ctx.getOperatorStateStore().getListState(new ListStateDescriptor<>("offsets", byte[].class));
        Cache.start();
    }

    @Override
    public void processElement(Event e, ReadOnlyContext ctx, Collector<Event> out) throws Exception {
        byte[] reading = new byte[readingBytes];
        random.nextBytes(reading);
        last.update(reading);
        classify();
        int verdict = random.nextInt(10);
        if (verdict == 0) {
            ctx.output(RuleEngine.ALERTS, e);
        } else if (verdict == 1) {
            ctx.output(RuleEngine.REJECTS, e);
        }
    }

    /** What user code does when it takes its time: match, look up, wait for a model, sort. */
    private void classify() throws Exception {
        int words = (int) Tunables.number("evaluate.regex.n", subtask);
        if (words > 0 && WORDS.matcher("a".repeat(words) + "!").matches()) {
            random.setSeed(words);
        }
        Backend.get(Tunables.number("evaluate.http.ms", subtask));
        long model = Tunables.number("evaluate.model.ms", subtask);
        if (model > 0) {
            awaitModel(model);
        }
        int n = (int) Tunables.number("evaluate.sort.n", subtask);
        for (int round = 0; round < n; round++) {
            sortOnce();
        }
        if (Tunables.number("evaluate.fail", subtask) > 0) {
            throw new NullPointerException("rule 17: threshold");
        }
    }

    private void awaitModel(long ms) throws InterruptedException {
        Thread loader = new Thread(() -> {
            MODELS.lock();
            try (Backend.Client store = new Backend.Client()) {
                store.call(ms);
            } catch (java.io.IOException e) {
                // the old model serves
            } finally {
                MODELS.unlock();
            }
        }, "model-loader");
        loader.setDaemon(true);
        loader.start();
        Thread.sleep(20);
        MODELS.lock();
        MODELS.unlock();
    }

    private void sortOnce() {
        Integer[] ids = new Integer[200_000];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = random.nextInt();
        }
        Arrays.sort(ids, (a, b) -> Integer.toString(a, 36).compareTo(Integer.toString(b, 36)));
    }

    @Override
    public void processBroadcastElement(Event rule, Context ctx, Collector<Event> out) throws Exception {
        BroadcastState<String, String> rules = ctx.getBroadcastState(RuleEngine.RULES);
        rules.put(rule.key, rule.kind);
    }

    @Override
    public void snapshotState(FunctionSnapshotContext ctx) throws Exception {
        offsets.clear();
        if (offsetsKb > 0 && Tunables.number("evaluate.offsets", subtask) > 0) {
            byte[] all = new byte[offsetsKb * 1024];
            random.nextBytes(all);
            offsets.add(all);
        }
        long mb = Tunables.number("evaluate.archive.mb", subtask);
        if (mb > 0) {
            offsets.add(archive((int) mb));
        }
        if (Tunables.number("evaluate.export.ms", subtask) > 0) {
            export(Tunables.number("evaluate.export.ms", subtask));
        }
        if (Tunables.number("evaluate.snapshot.fail", subtask) > 0) {
            throw new java.io.IOException("rules of generation " + ctx.getCheckpointId() + " are not readable");
        }
    }

    /** Compresses so many MiB of readings as small as it can and keeps a digest of what came out. */
    private byte[] archive(int mb) {
        byte[] readings = new byte[1 << 20];
        for (int i = 0; i < readings.length; i++) {
            readings[i] = (byte) (32 + random.nextInt(20) * random.nextInt(4));
        }
        Deflater packer = new Deflater(Deflater.BEST_COMPRESSION);
        byte[] packed = new byte[1 << 20];
        for (int i = 0; i < mb; i++) {
            readings[i % readings.length]++;
            packer.reset();
            packer.setInput(readings);
            packer.finish();
            packer.deflate(packed);
        }
        packer.end();
        return Arrays.copyOf(packed, 64);
    }

    /** Writes an index beside the state, on the thread of the task. */
    private void export(long ms) throws InterruptedException {
        Thread.sleep(ms);
    }
}

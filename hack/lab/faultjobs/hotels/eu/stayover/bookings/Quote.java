package eu.stayover.bookings;

import com.acme.feed.Options;
import java.util.Random;
import org.apache.flink.api.common.state.CheckpointListener;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.co.KeyedCoProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Searches meet prices of their hotel. tables: so many map states; nights, night-bytes: entries of each key in them. Steps: quote (a search), price (a price), remind
 * (a timer, every remind-s seconds).
 */
final class Quote extends KeyedCoProcessFunction<Integer, Tuple2<Integer, byte[]>, Tuple2<Integer, byte[]>, Tuple2<Integer, byte[]>>
        implements CheckpointedFunction, CheckpointListener {
    private static final long serialVersionUID = 1L;

    private final Options options;
    private final Step quote;
    private final Step price;
    private final Step remind;
    private transient MapState<Integer, byte[]>[] tables;
    private transient Random random;
    private transient int subtask;
    private transient long seen;

    Quote(Options options) {
        this.options = options;
        quote = new Step(options, "quote");
        price = new Step(options, "price");
        remind = new Step(options, "remind");
    }

    @Override
    @SuppressWarnings({"unchecked", "rawtypes"})
    public void initializeState(FunctionInitializationContext ctx) throws Exception {
        subtask = Options.subtask(getRuntimeContext());
        random = new Random(subtask);
        tables = new MapState[(int) options.number("tables", 1)];
        for (int i = 0; i < tables.length; i++) {
            tables[i] = ctx.getKeyedStateStore().getMapState(
                    new MapStateDescriptor<>("table-" + i, Types.INT, PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO));
        }
        quote.begin();
        price.begin();
        quote.restored(ctx.isRestored(), subtask);
        quote.when("open", subtask);
    }

    @Override
    public void processElement1(Tuple2<Integer, byte[]> search, Context ctx, Collector<Tuple2<Integer, byte[]>> out) throws Exception {
        int nights = (int) options.number("nights", 0);
        if (nights > 0) {
            byte[] b = new byte[(int) options.number("night-bytes", 64)];
            random.nextBytes(b);
            tables[(int) (seen % tables.length)].put(random.nextInt(nights), b);
        }
        seen++;
        long every = options.number("remind-s", 0) * 1000;
        if (every > 0) {
            ctx.timerService().registerProcessingTimeTimer((System.currentTimeMillis() / every + 1) * every);
        }
        quote.on(subtask);
        out.collect(search);
    }

    @Override
    public void processElement2(Tuple2<Integer, byte[]> p, Context ctx, Collector<Tuple2<Integer, byte[]>> out) throws Exception {
        price.on(subtask);
    }

    @Override
    public void onTimer(long at, OnTimerContext ctx, Collector<Tuple2<Integer, byte[]>> out) throws Exception {
        remind.on(subtask);
    }

    @Override
    public void snapshotState(FunctionSnapshotContext ctx) throws Exception {
        quote.when("snapshot", subtask);
    }

    @Override
    public void notifyCheckpointComplete(long checkpointId) throws Exception {
        quote.when("complete", subtask);
    }
}

package pl.spedmar.yard;

import io.moorage.levers.Levers;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.co.KeyedCoProcessFunction;
import org.apache.flink.util.Collector;

/** How long trucks stay: their papers by place in some books, when they were seen, and a timer after which that is forgotten. */
final class Dwell extends KeyedCoProcessFunction<Long, Move, Move, Move> implements CheckpointedFunction {
    private static final long serialVersionUID = 11L;
    private static final long STAY_MS = 20_000;

    private final int books;
    private final int places;
    private transient List<MapState<Integer, byte[]>> papers;
    private transient ListState<Long> seen;
    private transient Port port;
    private transient int subtask;
    private transient long moves;
    private transient double tour;

    Dwell(int books, int places) {
        this.books = books;
        this.places = places;
    }

    @Override
    public void initializeState(FunctionInitializationContext context) throws Exception {
        subtask = Integer.parseInt(getRuntimeContext().getMetricGroup().getAllVariables().get("<subtask_index>"));
        port = new Port();
        papers = new ArrayList<>();
        for (int b = 0; b < books; b++) {
            papers.add(context.getKeyedStateStore().getMapState(
                    new MapStateDescriptor<>("book-" + b, Types.INT, PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO)));
        }
        seen = context.getKeyedStateStore().getListState(new ListStateDescriptor<>("seen", Types.LONG));
    }

    @Override
    public void processElement1(Move m, Context context, Collector<Move> out) throws Exception {
        port.ask("papers", Levers.at("papers", subtask));
        moves++;
        long torn = Math.round(Levers.at("papers.torn", subtask));
        if (torn > 0 && moves % torn == 0) {
            throw new IllegalStateException("papers of truck " + m.truck + " cannot be read: want 3 parts, have 2");
        }
        for (MapState<Integer, byte[]> book : papers) {
            book.put((int) (moves % places), m.papers);
        }
        seen.add(m.at);
        context.timerService().registerEventTimeTimer((m.at + STAY_MS) / 5000 * 5000);
        m.papers = new byte[0];
        out.collect(m);
    }

    @Override
    public void processElement2(Move booking, Context context, Collector<Move> out) throws Exception {
        seen.add(booking.at);
    }

    @Override
    public void onTimer(long time, OnTimerContext context, Collector<Move> out) throws Exception {
        seen.clear();
    }

    /** Looks for the shortest tour over its docks when it is asked for its state: {@code tour} ms of computing. */
    @Override
    public void snapshotState(FunctionSnapshotContext context) {
        long end = System.nanoTime() + Math.round(Levers.at("tour", subtask) * 1e6);
        while (System.nanoTime() < end) {
            tour = Math.sin(tour) + moves;
        }
    }

    @Override
    public void close() throws Exception {
        if (port != null) {
            port.close();
        }
    }
}

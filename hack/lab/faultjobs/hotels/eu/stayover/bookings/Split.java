package eu.stayover.bookings;

import com.acme.feed.Options;
import org.apache.flink.api.common.functions.RichFlatMapFunction;
import org.apache.flink.api.common.state.CheckpointListener;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.util.Collector;

/** One search becomes those for each night. Step split. */
final class Split extends RichFlatMapFunction<Tuple2<Integer, byte[]>, Tuple2<Integer, byte[]>> implements CheckpointedFunction, CheckpointListener {
    private static final long serialVersionUID = 1L;

    private final Step step;
    private transient int subtask;

    Split(Options options) {
        this.step = new Step(options, "split");
    }

    @Override
    public void initializeState(FunctionInitializationContext ctx) throws Exception {
        subtask = Options.subtask(getRuntimeContext());
        step.begin();
        step.when("open", subtask);
    }

    @Override
    public void flatMap(Tuple2<Integer, byte[]> search, Collector<Tuple2<Integer, byte[]>> out) throws Exception {
        step.on(subtask);
        out.collect(search);
    }

    @Override
    public void snapshotState(FunctionSnapshotContext ctx) throws Exception {
        step.when("snapshot", subtask);
    }

    @Override
    public void notifyCheckpointComplete(long checkpointId) throws Exception {
        step.when("complete", subtask);
    }
}

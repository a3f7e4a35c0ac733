package eu.stayover.bookings;

import com.acme.feed.Options;
import org.apache.flink.api.common.state.CheckpointListener;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.sink.RichSinkFunction;

/** Where bookings are posted, as a sink function of Flink 1, which keeps letters of them until then: letters, letters-each with one booking. Step sink. */
final class Post extends RichSinkFunction<Tuple2<Integer, byte[]>> implements CheckpointedFunction, CheckpointListener {
    private static final long serialVersionUID = 1L;

    private final Options options;
    private final Step step;
    private transient ListState<Stay.Guest> letters;
    private transient long kept;
    private transient int subtask;

    Post(Options options) {
        this.options = options;
        step = new Step(options, "sink");
    }

    @Override
    public void initializeState(FunctionInitializationContext ctx) throws Exception {
        subtask = Options.subtask(getRuntimeContext());
        letters = ctx.getOperatorStateStore().getListState(new ListStateDescriptor<>("letters", Types.GENERIC(Stay.Guest.class)));
        step.begin();
        step.restored(ctx.isRestored(), subtask);
        step.when("open", subtask);
    }

    @Override
    public void invoke(Tuple2<Integer, byte[]> booking, Context ctx) throws Exception {
        for (long i = 0; options.active() && i < options.number("letters-each", 500) && kept < options.number("letters", 0); i++) {
            letters.add(new Stay.Guest((int) kept++));
        }
        step.on(subtask);
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

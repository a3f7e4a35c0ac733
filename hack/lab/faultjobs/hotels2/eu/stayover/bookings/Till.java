package eu.stayover.bookings;

import com.acme.feed.Options;
import org.apache.flink.api.common.typeutils.base.IntSerializer;
import org.apache.flink.api.common.typeutils.base.VoidSerializer;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.streaming.api.functions.sink.legacy.TwoPhaseCommitSinkFunction;

/** A sink with transactions, as a function of Flink 2. Step sink: invoke; flush: preCommit; complete: commit. */
final class Till extends TwoPhaseCommitSinkFunction<Tuple2<Integer, byte[]>, Integer, Void> {
    private static final long serialVersionUID = 1L;

    private final Step step;
    private transient int next;

    Till(Options options) {
        super(IntSerializer.INSTANCE, VoidSerializer.INSTANCE);
        step = new Step(options, "sink");
    }

    private int subtask() {
        return Options.subtask(getRuntimeContext());
    }

    @Override
    protected void invoke(Integer transaction, Tuple2<Integer, byte[]> booking, Context ctx) throws Exception {
        step.on(subtask());
    }

    @Override
    protected Integer beginTransaction() {
        return next++;
    }

    @Override
    protected void preCommit(Integer transaction) throws Exception {
        step.when("flush", subtask());
    }

    @Override
    protected void commit(Integer transaction) {
        try {
            step.when("complete", subtask());
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    protected void abort(Integer transaction) {}
}

package eu.stayover.bookings;

import com.acme.feed.Options;
import java.util.Collections;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.streaming.api.functions.async.ResultFuture;
import org.apache.flink.streaming.api.functions.async.RichAsyncFunction;

/** Asks whether there is a room, with a client that is not asynchronous. Step check. */
final class Check extends RichAsyncFunction<Tuple2<Integer, byte[]>, Tuple2<Integer, byte[]>> {
    private static final long serialVersionUID = 1L;

    private final Step step;
    private final int subtasks;
    private transient int count;

    Check(Options options) {
        step = new Step(options, "check");
        subtasks = (int) options.number("parallelism", 2);
    }

    @Override
    public void asyncInvoke(Tuple2<Integer, byte[]> search, ResultFuture<Tuple2<Integer, byte[]>> answer) throws Exception {
        step.on(subtasks == 1 ? 0 : count++);
        answer.complete(Collections.singleton(search));
    }
}

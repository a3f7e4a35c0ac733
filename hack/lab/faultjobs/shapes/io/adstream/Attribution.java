package io.adstream;

import com.acme.feed.Options;
import java.util.concurrent.locks.LockSupport;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.streaming.api.functions.co.ProcessJoinFunction;
import org.apache.flink.util.Collector;

/** Which win is of which bid: pair-us for each pair that could be, and a result for every pair-every-th. */
final class Attribution extends ProcessJoinFunction<Tuple2<Integer, byte[]>, Tuple2<Integer, byte[]>, Tuple2<Integer, byte[]>> {
    private static final long serialVersionUID = 1L;

    private final long pause;
    private final long every;
    private transient long pairs;

    Attribution(Options options) {
        pause = options.number("pair-us", 0) * 1000;
        every = options.number("pair-every", 1);
    }

    @Override
    public void processElement(Tuple2<Integer, byte[]> bid, Tuple2<Integer, byte[]> win, Context ctx, Collector<Tuple2<Integer, byte[]>> out) {
        if (pause > 0) {
            LockSupport.parkNanos(pause);
        }
        if (pairs++ % every == 0) {
            out.collect(bid);
        }
    }
}

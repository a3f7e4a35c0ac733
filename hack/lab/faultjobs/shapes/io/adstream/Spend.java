package io.adstream;

import com.acme.client.Work;
import com.acme.feed.Options;
import org.apache.flink.api.common.functions.AggregateFunction;
import org.apache.flink.api.java.tuple.Tuple2;

/** The last bid of a window, with what step spend costs for each that comes into it. */
final class Spend implements AggregateFunction<Tuple2<Integer, byte[]>, Tuple2<Integer, byte[]>, Tuple2<Integer, byte[]>> {
    private static final long serialVersionUID = 1L;

    private final Work work;

    Spend(Options options) {
        work = new Work(options, "spend");
    }

    @Override
    public Tuple2<Integer, byte[]> createAccumulator() {
        return Tuple2.of(0, new byte[0]);
    }

    @Override
    public Tuple2<Integer, byte[]> add(Tuple2<Integer, byte[]> bid, Tuple2<Integer, byte[]> sum) {
        try {
            work.on(0, bid.f0);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
        return bid;
    }

    @Override
    public Tuple2<Integer, byte[]> getResult(Tuple2<Integer, byte[]> sum) {
        return sum;
    }

    @Override
    public Tuple2<Integer, byte[]> merge(Tuple2<Integer, byte[]> a, Tuple2<Integer, byte[]> b) {
        return a.f1.length > b.f1.length ? a : b;
    }
}

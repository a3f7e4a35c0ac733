package gov.rivertown.permits;

import java.util.concurrent.locks.LockSupport;
import org.apache.flink.table.functions.AggregateFunction;

/** A sum of fees, which takes so many microseconds with each of them. */
public class Tally extends AggregateFunction<Long, Tally.Sum> {
    private static final long serialVersionUID = 1L;

    private final long us;

    public Tally(long us) {
        this.us = us;
    }

    /** The sum so far. */
    public static class Sum {
        public long fees;
    }

    @Override
    public Sum createAccumulator() {
        return new Sum();
    }

    @Override
    public Long getValue(Sum sum) {
        return sum.fees;
    }

    public void accumulate(Sum sum, Long fee) {
        if (us > 0) {
            LockSupport.parkNanos(us * 1000);
        }
        sum.fees += fee == null ? 0 : fee;
    }
}

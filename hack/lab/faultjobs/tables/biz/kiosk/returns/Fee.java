package biz.kiosk.returns;

import java.util.concurrent.locks.LockSupport;
import org.apache.flink.table.functions.ScalarFunction;

/** What a return costs the kiosk. */
public class Fee extends ScalarFunction {
    private static final long serialVersionUID = 1L;

    private final long us;

    public Fee(long us) {
        this.us = us;
    }

    @Override
    public boolean isDeterministic() {
        return false;
    }

    public Long eval(Long price) {
        if (us > 0) {
            LockSupport.parkNanos(us * 1000);
        }
        return price == null ? null : price / 50;
    }
}

package biz.kiosk.sales;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.flink.table.functions.ScalarFunction;

/** A price with tax, by a table of rates that is fetched anew now and then. */
public class Taxed extends ScalarFunction {
    private static final long serialVersionUID = 1L;

    private final HashMap<String, String> args;
    private final long submitted = System.currentTimeMillis();
    private transient long rows;

    public Taxed(Map<String, String> args) {
        this.args = new HashMap<>(args);
    }

    @Override
    public boolean isDeterministic() {
        return false;
    }

    public Long eval(Long price) throws InterruptedException {
        if (System.currentTimeMillis() - submitted > number("from-s", 0) * 1000 && rows++ % Math.max(1, number("tax-every", 1)) == 0) {
            fetch(number("tax-call-ms", 0));
        }
        return price == null ? null : price * 119 / 100;
    }

    private long number(String name, long otherwise) {
        String v = args.get(name);
        return v == null ? otherwise : Long.parseLong(v);
    }

    private static void fetch(long ms) throws InterruptedException {
        CountDownLatch answered = new CountDownLatch(1);
        if (answered.await(ms, TimeUnit.MILLISECONDS)) {
            throw new IllegalStateException("answered without a question");
        }
    }
}

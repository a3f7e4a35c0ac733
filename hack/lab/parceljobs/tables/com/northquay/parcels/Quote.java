package com.northquay.parcels;

import com.northquay.quay.Neighbours;
import com.northquay.quay.Subtask;
import java.io.IOException;
import java.util.concurrent.Semaphore;
import org.apache.flink.table.functions.FunctionContext;
import org.apache.flink.table.functions.ScalarFunction;
import org.slipway.dials.Dials;

/** What carrying a parcel costs: asked over HTTP, by a connection of a pool, or computed. */
public final class Quote extends ScalarFunction {
    private static final long serialVersionUID = 1L;
    private static final Semaphore POOL = new Semaphore(0);

    private transient int subtask;

    @Override
    public void open(FunctionContext context) {
        subtask = Subtask.of(context);
        PriceBook.open();
    }

    public Long eval(String parcel, Long weight) throws IOException, InterruptedException {
        Neighbours.ask("quote", Dials.at("quote.http", subtask));
        if (Dials.at("quote.pool", subtask) > 0) {
            POOL.acquire(); // all connections have been lent, and nobody brings one back
        }
        return weight * 3 + compute(parcel, Dials.at("quote.steps", subtask));
    }

    private static long compute(String parcel, long thousands) {
        long h = parcel.hashCode();
        for (long n = thousands * 1000; n > 0; n--) {
            h = h * 6364136223846793005L + 1442695040888963407L;
        }
        return h & 1;
    }
}

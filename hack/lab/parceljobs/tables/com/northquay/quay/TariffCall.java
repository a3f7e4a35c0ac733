package com.northquay.quay;

import java.io.IOException;
import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.functions.AsyncLookupFunction;
import org.apache.flink.table.functions.FunctionContext;
import org.slipway.dials.Dials;

/** A row by its key, many requests at a time. */
public final class TariffCall extends AsyncLookupFunction {
    private static final long serialVersionUID = 1L;

    private final String name;
    private transient int subtask;

    TariffCall(String name) {
        this.name = name;
    }

    @Override
    public void open(FunctionContext context) {
        subtask = Subtask.of(context);
    }

    @Override
    public CompletableFuture<Collection<RowData>> asyncLookup(RowData key) {
        long ms = Dials.at(name + ".query", subtask);
        if (ms == 0) {
            return CompletableFuture.completedFuture(TariffQuery.row(key));
        }
        Collection<RowData> rows = TariffQuery.row(key);
        try {
            return Neighbours.askLater(name, ms).thenApply(body -> rows);
        } catch (IOException e) {
            return CompletableFuture.failedFuture(e);
        }
    }
}

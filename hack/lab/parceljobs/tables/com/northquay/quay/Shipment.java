package com.northquay.quay;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.slipway.dials.Dials;

/** What both writers do: a request for each row, and at a checkpoint the batch that is still open. */
public final class Shipment {
    private final String name;
    private final int subtask;
    private long rows;

    public Shipment(String name, int subtask) {
        this.name = name;
        this.subtask = subtask;
    }

    public void row() throws IOException {
        rows++;
        Neighbours.ask(name + "/row", Dials.at(name + ".row", subtask));
    }

    /** Sends the batch and joins the request. */
    public void flush() throws IOException, InterruptedException {
        long ms = Dials.at(name + ".flush", subtask);
        if (ms == 0) {
            return;
        }
        CompletableFuture<String> batch = Neighbours.askLater(name + "/batch", ms);
        try {
            batch.get();
        } catch (ExecutionException e) {
            throw new IOException(e);
        }
    }

    /** Names what has been written since the last call. */
    public String transaction() {
        long written = rows;
        rows = 0;
        return subtask + ":" + written;
    }
}

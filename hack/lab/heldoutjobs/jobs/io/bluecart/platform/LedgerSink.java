package io.bluecart.platform;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.connector.sink2.Committer;

/** Writes batches and commits them after the checkpoint. */
public final class LedgerSink extends TwoPhaseSink<Event> {
    private static final long serialVersionUID = 1L;

    private final String name;

    public LedgerSink(String name) {
        this.name = name;
    }

    @Override
    protected BatchWriter<Event> writer(int subtask) {
        return new Writer(name, subtask);
    }

    @Override
    protected Committer<String> committer() {
        return new LedgerCommitter(name);
    }

    private static final class Writer extends BatchWriter<Event> {
        private final String name;
        private final int subtask;
        private final Backend.Client ledger = new Backend.Client();
        private final List<CompletableFuture<Void>> inFlight = new ArrayList<>();
        private long batch;
        private int rows;

        Writer(String name, int subtask) {
            this.name = name;
            this.subtask = subtask;
        }

        @Override
        public void write(Event e, Context ctx) throws IOException {
            rows++;
            ledger.call(Tunables.number(name + ".write.ms", subtask));
        }

        @Override
        public void flush(boolean endOfInput) throws IOException, InterruptedException {
            if (Tunables.number(name + ".flush.fail", subtask) > 0) {
                throw new IOException("ledger: batch refused: quota exceeded");
            }
            ledger.call(Tunables.number(name + ".flush.ms", subtask));
            awaitRequests(Tunables.number(name + ".requests.ms", subtask));
        }

        /** The requests still out, as an asynchronous client keeps them. */
        private void awaitRequests(long ms) throws IOException, InterruptedException {
            if (ms == 0) {
                return;
            }
            inFlight.add(CompletableFuture.runAsync(() -> {}, CompletableFuture.delayedExecutor(ms, TimeUnit.MILLISECONDS)));
            try {
                CompletableFuture.allOf(inFlight.toArray(new CompletableFuture<?>[0])).get();
            } catch (ExecutionException e) {
                throw new IOException(e);
            } finally {
                inFlight.clear();
            }
        }

        @Override
        public Collection<String> prepareCommit() {
            batch++;
            int written = rows;
            rows = 0;
            return Collections.singletonList(subtask + "/" + batch + "/" + written);
        }

        @Override
        public void close() throws Exception {
            ledger.close();
        }
    }

    private static final class LedgerCommitter implements Committer<String> {
        private final String name;
        private final Backend.Client ledger = new Backend.Client();

        LedgerCommitter(String name) {
            this.name = name;
        }

        @Override
        public void commit(Collection<CommitRequest<String>> requests) throws IOException {
            for (CommitRequest<String> r : requests) {
                int subtask = Integer.parseInt(r.getCommittable().split("/")[0]);
                ledger.call(Tunables.number(name + ".commit.ms", subtask));
            }
        }

        @Override
        public void close() throws Exception {
            ledger.close();
        }
    }
}

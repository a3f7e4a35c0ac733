package gov.rivertown.registry;

import com.acme.client.Lookup;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A client of the town's registry. Entries are sent without waiting, and flush waits until all of them are confirmed. */
public final class Registry implements AutoCloseable {
    private final ScheduledExecutorService answers = Executors.newSingleThreadScheduledExecutor(r -> {
        Thread t = new Thread(r, "registry-answers");
        t.setDaemon(true);
        return t;
    });
    private final List<Long> sent = new ArrayList<>();

    public void send(long entry) {
        sent.add(entry);
    }

    /** Confirmed after so long; at once where nothing was sent. */
    public void flush(long ms) throws InterruptedException {
        if (sent.isEmpty()) {
            return;
        }
        CountDownLatch confirmed = new CountDownLatch(1);
        answers.schedule(confirmed::countDown, ms, TimeUnit.MILLISECONDS);
        confirmed.await();
        sent.clear();
    }

    /** The numbers that the next entries get, which the registry says after so long. */
    public long numbers(long ms) throws Exception {
        CompletableFuture<Long> first = new CompletableFuture<>();
        answers.schedule(() -> first.complete(System.nanoTime()), ms, TimeUnit.MILLISECONDS);
        try {
            return first.get(10, TimeUnit.MINUTES);
        } catch (TimeoutException e) {
            throw new IllegalStateException("the registry has no numbers", e);
        }
    }

    /** A seal over all that was entered: it computes for so long. */
    public byte[] seal(long ms) throws Exception {
        MessageDigest sha = MessageDigest.getInstance("SHA-512");
        byte[] page = new byte[1 << 13];
        for (long end = System.nanoTime() + ms * 1_000_000; System.nanoTime() < end; ) {
            sha.update(page);
        }
        return sha.digest();
    }

    /** What KIND of thing takes so long: flush, numbers, seal, or one of {@link Lookup}'s. */
    public void spend(String kind, long ms) throws Exception {
        switch (kind) {
            case "flush":
                flush(ms);
                break;
            case "numbers":
                numbers(ms);
                break;
            case "seal":
                seal(ms);
                break;
            default:
                Lookup.call(kind, ms);
        }
    }

    @Override
    public void close() {
        answers.shutdownNow();
    }
}

package se.lasarett.vigil;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import no.vaskeri.knobs.Knobs;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.core.io.InputStatus;

/** Reads the beds that it was given. */
class Watcher<T> implements SourceReader<T, Bed> {
    private static final Executor SOON = CompletableFuture.delayedExecutor(3, TimeUnit.MILLISECONDS);

    private final Feed<T> feed;
    private final int subtask;
    private final List<Bed> beds = new ArrayList<>();
    private final SplittableRandom dice;
    private double due;
    private long before = System.nanoTime();
    private CompletableFuture<Void> given = new CompletableFuture<>();

    Watcher(Feed<T> feed, int subtask) {
        this.feed = feed;
        this.subtask = subtask;
        dice = new SplittableRandom(subtask);
    }

    @Override
    public void start() {}

    @Override
    public InputStatus pollNext(ReaderOutput<T> output) throws Exception {
        if (beds.isEmpty()) {
            return InputStatus.NOTHING_AVAILABLE;
        }
        Wire.read(Knobs.ms(feed.name + ".fetch", subtask));
        Bed bed = beds.get(0);
        if (bed.next >= feed.backlog && !isDue()) {
            return InputStatus.NOTHING_AVAILABLE;
        }
        Reading reading = reading(bed.next++);
        output.collect(feed.as.apply(reading), reading.taken);
        return InputStatus.MORE_AVAILABLE;
    }

    private boolean isDue() {
        double turned = Knobs.get(feed.name + ".rate", subtask);
        double rate = turned > 0 ? turned : feed.rate;
        long now = System.nanoTime();
        due = Math.min(due + (now - before) / 1e9 * rate, 1 + rate / 4);
        before = now;
        if (due < 1) {
            return false;
        }
        due--;
        return true;
    }

    private Reading reading(long number) {
        Reading r = new Reading();
        double hot = Math.max(feed.hot, Knobs.get(feed.name + ".hot"));
        r.patient = dice.nextDouble() * 100 < hot ? 0 : number < feed.backlog ? (int) (number % feed.patients) : dice.nextInt(feed.patients);
        r.ward = r.patient % feed.wards;
        r.number = number;
        r.taken = System.currentTimeMillis();
        r.pulse = 55 + dice.nextDouble() * 60;
        r.trace = new byte[(int) Math.max(feed.bytes, Knobs.get(feed.name + ".bytes"))];
        for (int i = 0; i < r.trace.length; i += 16) {
            r.trace[i] = (byte) dice.nextInt('a', 'z');
        }
        return r;
    }

    @Override
    public List<Bed> snapshotState(long checkpoint) {
        try {
            Wire.read(Knobs.ms(feed.name + ".mark", subtask));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        List<Bed> now = new ArrayList<>();
        beds.forEach(b -> now.add(new Bed(b.place, b.next)));
        return now;
    }

    @Override
    public CompletableFuture<Void> isAvailable() {
        return beds.isEmpty() ? given : CompletableFuture.runAsync(() -> {}, SOON);
    }

    @Override
    public void addSplits(List<Bed> more) {
        beds.addAll(more);
        given.complete(null);
    }

    @Override
    public void notifyNoMoreSplits() {}

    @Override
    public void close() {}
}

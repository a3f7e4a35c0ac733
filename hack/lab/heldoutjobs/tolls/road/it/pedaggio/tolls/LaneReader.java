package it.pedaggio.tolls;

import it.pedaggio.tolls.Road.Passage;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.core.io.InputStatus;
import org.granary.switches.Switches;

/** A fetcher has a connection to the roadside and hands over passages; the task takes them one by one. */
final class LaneReader implements SourceReader<Passage, Gantries.Lane> {
    private final int perSecond;
    private final int plates;
    private final int photoBytes;
    private final int strangers;
    private final SourceReaderContext ctx;
    private final int subtask;
    private final ArrayBlockingQueue<Passage> handover = new ArrayBlockingQueue<>(200);
    private final ArrayDeque<Passage> underWay = new ArrayDeque<>();
    private final Random random;
    private volatile CompletableFuture<Void> news = new CompletableFuture<>();
    private volatile boolean lost;
    private Gantries.Lane lane;
    private Thread fetcher;

    LaneReader(Road road, SourceReaderContext ctx) {
        this.ctx = ctx;
        perSecond = road.of("rate", 60);
        plates = road.of("plates", 1500);
        photoBytes = road.of("photo", 96);
        strangers = road.of("strangers", 10);
        subtask = ctx.getIndexOfSubtask();
        random = new Random(41L * subtask);
    }

    @Override
    public void start() {
        ctx.sendSplitRequest();
    }

    @Override
    public void addSplits(List<Gantries.Lane> lanes) {
        lane = lanes.get(0);
        fetcher = Backoffice.thread("lane-fetcher-" + lane.number, this::fetch);
    }

    @Override
    public InputStatus pollNext(ReaderOutput<Passage> out) throws Exception {
        Passage next = handover.poll();
        if (next == null && !lost) {
            return InputStatus.NOTHING_AVAILABLE;
        }
        out.collect(next == null ? handover.take() : next); // the connection comes back soon
        lane.passages++;
        return InputStatus.MORE_AVAILABLE;
    }

    @Override
    public CompletableFuture<Void> isAvailable() {
        CompletableFuture<Void> soon = news;
        if (soon.isDone()) {
            soon = new CompletableFuture<>();
            news = soon;
        }
        if (lost || !handover.isEmpty()) {
            soon.complete(null);
        }
        return soon;
    }

    private void fetch() {
        try {
            for (long n = 0; ; n++) {
                lost = false;
                for (int tries = 0; Switches.of("gantries.lost", subtask) > 0; tries++) {
                    lost = true;
                    news.complete(null);
                    Thread.sleep(Math.min(100L << Math.min(tries, 10), 4000)); // until the roadside can be reached again
                }
                handover.put(passage());
                news.complete(null);
                if (n % 5 == 4) {
                    Thread.sleep(5000L / perSecond);
                }
            }
        } catch (InterruptedException e) {
            // closed
        }
    }

    private Passage passage() {
        if (underWay.size() > 60 && random.nextBoolean()) {
            Passage left = underWay.poll();
            left.entry = false;
            left.at = System.currentTimeMillis();
            return left;
        }
        Passage p = seen();
        Passage later = seen();
        later.plate = p.plate;
        later.road = p.road;
        if (underWay.size() < 200) {
            underWay.add(later);
        }
        return p;
    }

    private Passage seen() {
        Passage p = new Passage();
        boolean stranger = random.nextInt(100) < strangers;
        p.plate = stranger ? "XX" + random.nextInt(500) : "TO" + (random.nextInt(plates));
        p.road = random.nextInt(24);
        p.at = System.currentTimeMillis();
        p.entry = true;
        p.account = "";
        p.photo = new byte[photoBytes];
        random.nextBytes(p.photo);
        return p;
    }

    @Override
    public List<Gantries.Lane> snapshotState(long checkpointId) {
        List<Gantries.Lane> all = new ArrayList<>();
        if (lane != null) {
            all.add(new Gantries.Lane(lane.number, lane.passages));
        }
        return all;
    }

    @Override
    public void notifyNoMoreSplits() {}

    @Override
    public void close() {
        if (fetcher != null) {
            fetcher.interrupt();
        }
    }
}

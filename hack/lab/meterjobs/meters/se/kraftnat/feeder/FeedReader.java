package se.kraftnat.feeder;

import io.spindle.panel.Panel;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.core.io.InputStatus;

/** Reads its concentrator at the rate of the feed; what waited while the job did not run is read as fast as it goes. */
final class FeedReader<T> implements SourceReader<T, Feed.Concentrator> {
    private static final long PAUSE_MS = 20;

    private final Shape shape;
    private final Feed.Press<T> press;
    private final SourceReaderContext context;
    private final Draft draft;
    private Feed.Concentrator concentrator;
    private long beganAt;
    private long sinceBegin;

    FeedReader(Shape shape, Feed.Press<T> press, SourceReaderContext context) {
        this.shape = shape;
        this.press = press;
        this.context = context;
        this.draft = new Draft(shape, context.getIndexOfSubtask());
    }

    @Override
    public void start() {
        if (concentrator == null) {
            context.sendSplitRequest();
        }
    }

    @Override
    public void addSplits(List<Feed.Concentrator> given) {
        concentrator = given.get(0);
        beganAt = System.currentTimeMillis();
        sinceBegin = 0;
    }

    @Override
    public InputStatus pollNext(ReaderOutput<T> out) {
        if (concentrator == null || sinceBegin * 1000 >= (System.currentTimeMillis() - beganAt) * shape.rate) {
            return InputStatus.NOTHING_AVAILABLE;
        }
        long n = concentrator.read++ * context.currentParallelism() + concentrator.number;
        sinceBegin++;
        out.collect(press.apply(draft.next(n)));
        return InputStatus.MORE_AVAILABLE;
    }

    @Override
    public CompletableFuture<Void> isAvailable() {
        CompletableFuture<Void> soon = new CompletableFuture<>();
        return soon.completeOnTimeout(null, PAUSE_MS, TimeUnit.MILLISECONDS);
    }

    @Override
    public List<Feed.Concentrator> snapshotState(long checkpointId) {
        if (concentrator == null) {
            return List.of();
        }
        Feed.Concentrator copy = new Feed.Concentrator(concentrator.number, concentrator.read);
        copy.unconfirmed = new byte[(int) Panel.of(shape.name + ".unconfirmed", context.getIndexOfSubtask())];
        ThreadLocalRandom.current().nextBytes(copy.unconfirmed);
        return List.of(copy);
    }

    @Override
    public void notifyNoMoreSplits() {}

    @Override
    public void close() {}
}

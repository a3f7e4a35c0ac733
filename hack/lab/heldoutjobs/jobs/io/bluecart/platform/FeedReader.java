package io.bluecart.platform;

import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.core.io.InputStatus;

/** Reads a partition page by page, in the task's own thread, as home-made readers do. */
final class FeedReader implements SourceReader<Event, Feed.Partition> {
    private static final Object SCHEMAS = new Object();

    private final Feed feed;
    private final int subtask;
    private final int readers;
    private final Random random;
    private final Backend.Client broker = new Backend.Client();
    private String partition = "";
    private long offset;
    private long read;
    private long since = System.nanoTime();
    private boolean assigned;

    FeedReader(Feed feed, SourceReaderContext ctx) {
        this.feed = feed;
        this.subtask = ctx.getIndexOfSubtask();
        this.readers = ctx.currentParallelism();
        this.random = new Random(feed.name.hashCode() + 31L * subtask);
    }

    @Override
    public void start() {}

    @Override
    public InputStatus pollNext(ReaderOutput<Event> out) throws Exception {
        if (!assigned) {
            return InputStatus.NOTHING_AVAILABLE;
        }
        if (feed.limit > 0 && offset >= feed.limit) {
            return InputStatus.END_OF_INPUT;
        }
        fetchPage();
        if (feed.rate < 0 || read >= feed.rate * ((System.nanoTime() - since) / 1e9)) {
            return InputStatus.NOTHING_AVAILABLE;
        }
        byte[] body = new byte[feed.bodyBytes];
        random.nextBytes(body);
        out.collect(new Event(key(), feed.name, System.currentTimeMillis(), body));
        offset++;
        read++;
        return InputStatus.MORE_AVAILABLE;
    }

    /** A page from the broker, decoded with the schema that all readers share. */
    private void fetchPage() throws IOException, InterruptedException {
        broker.call(Tunables.number(feed.name + ".fetch.ms", subtask));
        long decode = Tunables.number(feed.name + ".decode.ms", subtask);
        if (decode > 0) {
            decodePage(decode);
        }
        long schema = Tunables.number(feed.name + ".schema.ms", subtask);
        if (schema > 0) {
            Backend.daemon("schema-refresh", () -> refreshSchemas(schema));
            Thread.sleep(50);
            synchronized (SCHEMAS) {
                offset += 0;
            }
        }
    }

    private void decodePage(long ms) {
        byte[] page = new byte[1 << 16];
        CRC32 sum = new CRC32();
        for (long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(ms); System.nanoTime() < end; ) {
            random.nextBytes(page);
            sum.update(page);
        }
    }

    private static void refreshSchemas(long ms) {
        synchronized (SCHEMAS) {
            try (Backend.Client registry = new Backend.Client()) {
                registry.call(ms);
            } catch (IOException e) {
                // tried again with the next page
            }
        }
    }

    private String key() {
        if (feed.keys == 0) {
            return feed.name + "-" + subtask + "-" + offset;
        }
        if (feed.hotShare > 0 && random.nextInt(100) < feed.hotShare) {
            return "c0";
        }
        long inOrder = offset * readers + subtask;
        return "c" + (inOrder < feed.keys ? inOrder : random.nextInt(feed.keys));
    }

    @Override
    public CompletableFuture<Void> isAvailable() {
        return CompletableFuture.runAsync(() -> {}, CompletableFuture.delayedExecutor(20, TimeUnit.MILLISECONDS));
    }

    @Override
    public List<Feed.Partition> snapshotState(long checkpointId) {
        return assigned ? Collections.singletonList(new Feed.Partition(partition, offset)) : Collections.emptyList();
    }

    @Override
    public void addSplits(List<Feed.Partition> splits) {
        for (Feed.Partition p : splits) {
            partition = p.id;
            offset = p.offset;
            assigned = true;
            since = System.nanoTime();
            read = 0;
        }
    }

    @Override
    public void notifyNoMoreSplits() {}

    @Override
    public void close() throws Exception {
        broker.close();
    }
}

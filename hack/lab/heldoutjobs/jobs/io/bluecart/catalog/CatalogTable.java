package io.bluecart.catalog;

import io.bluecart.platform.Backend;
import io.bluecart.platform.Compat;
import io.bluecart.platform.Event;
import io.bluecart.platform.LegacySource;
import io.bluecart.platform.Options;
import io.bluecart.platform.Tunables;
import java.util.zip.CRC32;

/** Reads a table chunk by chunk, each under the lock of the task, so that no checkpoint falls into a chunk. */
public final class CatalogTable extends LegacySource<Event> {
    private static final long serialVersionUID = 1L;

    private final int bodyBytes;
    private volatile boolean running = true;

    public CatalogTable(Options options) {
        this.bodyBytes = options.number("body", 64);
    }

    @Override
    public void run(SourceContext<Event> ctx) throws Exception {
        int subtask = Compat.subtask(getRuntimeContext());
        try (Backend.Client database = new Backend.Client()) {
            for (long chunk = 0; running; chunk++) {
                synchronized (ctx.getCheckpointLock()) {
                    database.call(Tunables.number("catalog.chunk.ms", subtask));
                    checksum(Tunables.number("catalog.checksum.ms", subtask));
                    for (int i = 0; i < 20; i++) {
                        ctx.collect(new Event("c" + (chunk * 20 + i) % 500, "item", System.currentTimeMillis(), new byte[bodyBytes]));
                    }
                }
                Thread.sleep(100);
            }
        }
    }

    private static void checksum(long ms) {
        CRC32 sum = new CRC32();
        byte[] page = new byte[8192];
        for (long end = System.currentTimeMillis() + ms; System.currentTimeMillis() < end; ) {
            sum.update(page);
        }
    }

    @Override
    public void cancel() {
        running = false;
    }
}

package com.coldline.archivefs;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.flink.core.fs.FSDataOutputStream;
import org.apache.flink.core.fs.Path;

/** Collects an object on the local disk and uploads it in parts when it is closed. */
final class UploadStream extends FSDataOutputStream {
    private static final long PART = 512 * 1024;

    private final FSDataOutputStream spool;
    private final ArchiveClient client;
    private final Path object;
    private final AtomicBoolean closed = new AtomicBoolean();

    UploadStream(FSDataOutputStream spool, ArchiveClient client, Path object) {
        this.spool = spool;
        this.client = client;
        this.object = object;
    }

    @Override
    public void write(int b) throws IOException {
        spool.write(b);
    }

    @Override
    public void write(byte[] b, int off, int len) throws IOException {
        spool.write(b, off, len);
    }

    @Override
    public long getPos() throws IOException {
        return spool.getPos();
    }

    @Override
    public void flush() throws IOException {
        spool.flush();
    }

    @Override
    public void sync() throws IOException {
        spool.sync();
    }

    @Override
    public void close() throws IOException {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        long size = spool.getPos();
        spool.close();
        client.request("PUT", object);
        for (long sent = 0; sent < size; sent += PART) {
            client.putPart(object, Math.min(PART, size - sent));
        }
    }
}

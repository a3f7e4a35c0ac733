package io.spindle.coil;

import java.io.IOException;
import org.apache.flink.core.fs.FSDataOutputStream;
import org.apache.flink.core.fs.Path;

/** Spools an object and puts it when whoever wrote it closes the stream. Another thread that closes it gives it up. */
final class PutStream extends FSDataOutputStream {
    private final Path path;
    private final FSDataOutputStream spool;
    private final Transfer transfer = new Transfer();
    private volatile Thread writer = Thread.currentThread();
    private volatile boolean ended;

    PutStream(Path path, FSDataOutputStream spool) {
        this.path = path;
        this.spool = spool;
    }

    @Override
    public void write(int b) throws IOException {
        writer = Thread.currentThread();
        spool.write(b);
    }

    @Override
    public void write(byte[] bytes, int from, int count) throws IOException {
        writer = Thread.currentThread();
        spool.write(bytes, from, count);
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
        if (Thread.currentThread() != writer) {
            transfer.giveUp(writer);
        }
        if (ended) {
            return;
        }
        ended = true;
        try (FSDataOutputStream whole = spool) {
            if (Thread.currentThread() == writer) {
                transfer.put(path.getName(), whole.getPos());
            }
        }
    }
}

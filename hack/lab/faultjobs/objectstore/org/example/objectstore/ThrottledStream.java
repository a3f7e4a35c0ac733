package org.example.objectstore;

import java.io.IOException;
import org.apache.flink.core.fs.FSDataOutputStream;

/** Writes in slices and waits after each, to keep to write.kbps (this stream) and write.total.kbps (the process). */
final class ThrottledStream extends FSDataOutputStream {
    private static final int SLICE = 64 * 1024;

    private final FSDataOutputStream out;
    private boolean closed;
    private int unpaid;

    ThrottledStream(FSDataOutputStream out) {
        this.out = out;
    }

    @Override
    public void write(int b) throws IOException {
        out.write(b);
        owe(1);
    }

    @Override
    public void write(byte[] b, int off, int len) throws IOException {
        for (int done = 0; done < len; done += SLICE) {
            int n = Math.min(SLICE, len - done);
            out.write(b, off + done, n);
            owe(n);
        }
    }

    private void owe(int n) throws IOException {
        unpaid += n;
        if (unpaid >= SLICE) {
            pay();
        }
    }

    private void pay() throws IOException {
        int bytes = unpaid;
        unpaid = 0;
        Bandwidth.pay(bytes);
        long kbps = Controls.number("write.kbps");
        if (kbps > 0) {
            Controls.pause(bytes * 1000L / 1024 / kbps);
        }
    }

    @Override
    public long getPos() throws IOException {
        return out.getPos();
    }

    @Override
    public void flush() throws IOException {
        out.flush();
    }

    @Override
    public void sync() throws IOException {
        out.sync();
    }

    @Override
    public void close() throws IOException {
        if (!closed) {
            closed = true;
            pay();
            Controls.delay("close.ms");
        }
        out.close();
    }
}

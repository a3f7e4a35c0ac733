package org.slipway.fs;

import java.io.IOException;
import org.apache.flink.core.fs.FSDataOutputStream;
import org.apache.flink.core.fs.Path;

/** One object on its way: every 128 KiB that have been written are sent before more is taken. */
final class SegmentedUpload extends FSDataOutputStream {
    private static final int SEGMENT = 128 << 10;

    private final FSDataOutputStream file;
    private final Path path;
    private int unsent;
    private boolean ended;

    SegmentedUpload(FSDataOutputStream file, Path path) {
        this.file = file;
        this.path = path;
    }

    @Override
    public void write(int b) throws IOException {
        file.write(b);
        wrote(1);
    }

    @Override
    public void write(byte[] from, int at, int n) throws IOException {
        while (n > 0) {
            int some = Math.min(n, SEGMENT - unsent);
            file.write(from, at, some);
            at += some;
            n -= some;
            wrote(some);
        }
    }

    private void wrote(int n) throws IOException {
        unsent += n;
        if (unsent >= SEGMENT) {
            send();
        }
    }

    private void send() throws IOException {
        int n = unsent;
        unsent = 0;
        if (n > 0) {
            Gateway.segment(path, n);
        }
    }

    @Override
    public long getPos() throws IOException {
        return file.getPos();
    }

    @Override
    public void flush() throws IOException {
        file.flush();
    }

    @Override
    public void sync() throws IOException {
        file.sync();
    }

    @Override
    public void close() throws IOException {
        if (ended) {
            return;
        }
        ended = true;
        try {
            send();
            Gateway.complete(path);
        } finally {
            file.close();
        }
    }
}

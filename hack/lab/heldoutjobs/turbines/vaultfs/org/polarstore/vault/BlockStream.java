package org.polarstore.vault;

import java.io.IOException;
import org.apache.flink.core.fs.FSDataOutputStream;

/** Sends a block of 64 KiB at a time and waits until it has been taken. */
final class BlockStream extends FSDataOutputStream {
    private static final int BLOCK = 64 * 1024;

    private final FSDataOutputStream out;
    private final String name;
    private final boolean manifest;
    private int open;

    BlockStream(FSDataOutputStream out, String name, boolean manifest) {
        this.out = out;
        this.name = name;
        this.manifest = manifest;
    }

    @Override
    public void write(int b) throws IOException {
        out.write(b);
        sent(1);
    }

    @Override
    public void write(byte[] b, int off, int len) throws IOException {
        for (int at = 0; at < len; ) {
            int n = Math.min(len - at, BLOCK - open);
            out.write(b, off + at, n);
            at += n;
            sent(n);
        }
    }

    private void sent(int n) throws IOException {
        open += n;
        if (open >= BLOCK) {
            block();
        }
    }

    private void block() throws IOException {
        if (!manifest && Dials.number("vault.full") > 0) {
            throw new IOException("vault: append to " + name + ": 507 Insufficient Storage: quota of volume checkpoints is used up");
        }
        long kbps = Dials.number("vault.kbps");
        if (kbps > 0) {
            Dials.pause(open * 1000L / 1024 / kbps);
        }
        long shared = Dials.number("vault.host.kbps");
        if (shared > 0) {
            Dials.pause(Dials.queue(open * 1000L / 1024, shared));
        }
        open = 0;
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
        if (open > 0) {
            block();
        }
        out.close();
    }
}

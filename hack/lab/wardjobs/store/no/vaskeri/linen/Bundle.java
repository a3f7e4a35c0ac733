package no.vaskeri.linen;

import java.io.IOException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import no.vaskeri.knobs.Knobs;
import org.apache.flink.core.fs.FSDataOutputStream;

/** One object on its way: sent in slices of 64 KiB, and put when it is closed by whoever opened it. */
class Bundle extends FSDataOutputStream {
    private static final int SLICE = 64 << 10;

    private static final Object BELT = new Object();
    private static double beltFreeAt; // the way that all bundles of a process share, in ms

    private final String name;
    private final FSDataOutputStream file;
    private final Thread packer = Thread.currentThread();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition thrownAway = lock.newCondition();
    private volatile boolean gone;
    private boolean put;
    private int slice;

    Bundle(String name, FSDataOutputStream file) throws IOException {
        this.name = name;
        this.file = file;
        hold(Knobs.get("linen.open"));
    }

    @Override
    public void write(int b) throws IOException {
        file.write(b);
        sent(1);
    }

    @Override
    public void write(byte[] b, int off, int len) throws IOException {
        while (len > 0) {
            int n = Math.min(len, SLICE - slice);
            file.write(b, off, n);
            off += n;
            len -= n;
            sent(n);
        }
    }

    private void sent(int n) throws IOException {
        slice += n;
        if (slice >= SLICE) {
            send();
        }
    }

    private void send() throws IOException {
        int bytes = slice;
        slice = 0;
        if (Math.random() * 100 < Knobs.get("linen.full")) {
            throw new IOException("linen: PUT " + name + ": 507 Insufficient Storage (quota of the project is exhausted)");
        }
        double pace = Knobs.get("linen.pace");
        double shared = Knobs.get("linen.shared");
        double wait = pace > 0 ? bytes / 1.024 / pace : 0;
        if (shared > 0) {
            synchronized (BELT) {
                double now = System.nanoTime() / 1e6;
                beltFreeAt = Math.max(now, beltFreeAt) + bytes / 1.024 / shared;
                wait = Math.max(wait, beltFreeAt - now);
            }
        }
        hold(wait);
    }

    private void hold(double ms) throws IOException {
        if (ms <= 0) {
            return;
        }
        lock.lock();
        try {
            for (long left = (long) (ms * 1e6); left > 0 && !gone; ) {
                left = thrownAway.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("linen: interrupted at " + name, e);
        } finally {
            lock.unlock();
        }
        if (gone) {
            throw new IOException("linen: " + name + " is not wanted any more");
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
        if (Thread.currentThread() != packer) {
            gone = true;
            lock.lock();
            try {
                thrownAway.signalAll();
            } finally {
                lock.unlock();
            }
        }
        if (put) {
            return;
        }
        put = true;
        try (FSDataOutputStream last = file) {
            if (!gone) {
                send();
                hold(Knobs.get("_metadata".equals(name) ? "linen.put.meta" : "linen.put"));
            }
        }
    }
}

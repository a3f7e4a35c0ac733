package io.spindle.coil;

import io.spindle.panel.Panel;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;

/** How long the store takes for one object. */
final class Transfer {
    private static final int SLICE = 96 << 10;
    private static final Object LINE = new Object();
    private static long lineFreeAt = System.nanoTime();

    private volatile boolean givenUp;

    /** Ends the transfer that a thread is in. */
    void giveUp(Thread writer) {
        givenUp = true;
        LockSupport.unpark(writer);
    }

    /** An object of that size: the answer to the request, then its bytes. */
    void put(String name, long bytes) throws IOException {
        if (ThreadLocalRandom.current().nextInt(100) < Panel.of("coil.refused")) {
            throw new IOException("PUT " + name + ": 503 Service Unavailable: reduce the rate of your requests");
        }
        rest(Panel.of("coil.put"));
        for (long left = bytes; left > 0; left -= SLICE) {
            slice(Math.min(left, SLICE));
        }
    }

    /** The slower of the stream's own way and of the line that all streams of this process share. */
    private void slice(long bytes) throws IOException {
        long stream = Panel.of("coil.stream");
        long line = Panel.of("coil.line");
        long ms = stream > 0 ? bytes * 1000 / 1024 / stream : 0;
        if (line > 0) {
            synchronized (LINE) {
                long now = System.nanoTime();
                lineFreeAt = Math.max(lineFreeAt, now) + bytes * 1_000_000_000L / 1024 / line;
                ms = Math.max(ms, (lineFreeAt - now) / 1_000_000);
            }
        }
        rest(ms);
    }

    void rest(long ms) throws IOException {
        long end = System.nanoTime() + ms * 1_000_000;
        for (long left = end - System.nanoTime(); ms > 0 && left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
            if (givenUp || Thread.currentThread().isInterrupted()) {
                throw new InterruptedIOException("the transfer was given up");
            }
        }
    }
}

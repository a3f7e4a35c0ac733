package se.lasarett.vigil;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32;

/** The other systems of the hospital, as far away as one says. */
public final class Wire {
    private static final Semaphore POOL = new Semaphore(0);

    private Wire() {}

    /** Reads from a system that is silent for so long. */
    public static void read(long ms) throws IOException {
        if (ms <= 0) {
            return;
        }
        try (ServerSocket there = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Socket here = new Socket(there.getInetAddress(), there.getLocalPort())) {
            here.setSoTimeout((int) ms);
            here.getInputStream().read();
        } catch (SocketTimeoutException late) {
            // that was the answer
        }
    }

    /** Waits for an answer that another thread will bring. */
    public static void answer(long ms) throws InterruptedException {
        if (ms <= 0) {
            return;
        }
        Executor later = CompletableFuture.delayedExecutor(ms, TimeUnit.MILLISECONDS);
        try {
            CompletableFuture.supplyAsync(() -> "200 OK", later).get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Waits for a connection of a pool that has none left. */
    public static void connection(long ms) throws InterruptedException {
        if (ms > 0 && POOL.tryAcquire(ms, TimeUnit.MILLISECONDS)) {
            POOL.release();
        }
    }

    /** Computes for so long. */
    public static long compute(double ms) {
        CRC32 sum = new CRC32();
        byte[] wave = new byte[512];
        for (long end = System.nanoTime() + (long) (ms * 1e6); System.nanoTime() < end; ) {
            wave[(int) (sum.getValue() & 511)]++;
            sum.update(wave);
        }
        return sum.getValue();
    }
}

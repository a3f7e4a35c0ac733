package eu.stayover.client;

import com.acme.client.Lookup;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Random;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.zip.GZIPOutputStream;

/** What a job has to do with other systems and with itself, each for so many milliseconds; what it does not know is {@link Lookup}'s. */
public final class Partner {
    private static final Partner SHARED = new Partner();
    private static final BlockingQueue<String> CONNECTIONS = new ArrayBlockingQueue<>(4);
    private static final ReentrantLock OUTBOX = new ReentrantLock();
    private static volatile long modelMs;

    private Partner() {}

    public static void call(String kind, long ms) throws Exception {
        long end = System.nanoTime() + ms * 1_000_000;
        switch (kind) {
            case "shared":
                SHARED.ask(ms);
                break;
            case "pool":
                CONNECTIONS.poll(ms, TimeUnit.MILLISECONDS);
                break;
            case "retry":
                retry(end);
                break;
            case "model":
                modelMs = ms;
                Model.score();
                break;
            case "compress":
                compress(end, 100);
                break;
            case "archive":
                compress(end, Integer.MAX_VALUE); // all of it in one piece, which the heap does not hold
                break;
            case "copy":
                copy(end);
                break;
            case "digest":
                digest(end);
                break;
            case "outbox":
                outbox(ms);
                break;
            case "latch":
                new CountDownLatch(1).await(ms, TimeUnit.MILLISECONDS);
                break;
            case "command":
                command(ms);
                break;
            default:
                Lookup.call(kind, ms);
        }
    }

    /** One client for all: whoever comes while it asks waits. */
    private synchronized void ask(long ms) throws Exception {
        Lookup.call("socket", ms);
    }

    /** Nobody listens there; it tries again after twice the time, at most 16 s. */
    private static void retry(long end) throws IOException, InterruptedException {
        int port;
        try (ServerSocket gone = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = gone.getLocalPort();
        }
        for (long pause = 250; System.nanoTime() < end; pause = Math.min(2 * pause, 16_000)) {
            try (Socket s = new Socket(InetAddress.getLoopbackAddress(), port)) {
                s.getOutputStream().write(1);
                return;
            } catch (IOException e) {
                Thread.sleep(Math.min(pause, Math.max(1, (end - System.nanoTime()) / 1_000_000)));
            }
        }
    }

    private static void compress(long end, int pages) throws IOException {
        byte[] page = new byte[1 << 16];
        Random random = new Random(3);
        while (System.nanoTime() < end) {
            try (GZIPOutputStream out = new GZIPOutputStream(new ByteArrayOutputStream())) {
                for (int n = 0; n < pages && System.nanoTime() < end; n++) {
                    random.nextBytes(page);
                    out.write(page);
                }
            }
        }
    }

    /** By Java's serialization, as objects are copied that have no other way. */
    private static void copy(long end) throws IOException, ClassNotFoundException {
        ArrayList<HashMap<String, Long>> rows = new ArrayList<>();
        for (long i = 0; i < 20_000; i++) {
            HashMap<String, Long> row = new HashMap<>();
            row.put("guest" + i % 50, i);
            rows.add(row);
        }
        Object copied = rows;
        while (System.nanoTime() < end) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
                out.writeObject(copied);
            }
            copied = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray())).readObject();
        }
    }

    private static void digest(long end) throws Exception {
        MessageDigest sha = MessageDigest.getInstance("SHA-256");
        byte[] page = new byte[1 << 14];
        while (System.nanoTime() < end) {
            sha.update(page);
        }
        page[0] = sha.digest()[0];
    }

    /** Another thread of the process has the outbox while it sorts it. */
    private static void outbox(long ms) throws InterruptedException {
        Thread sorter = new Thread(() -> {
            OUTBOX.lock();
            try {
                Thread.sleep(ms);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                OUTBOX.unlock();
            }
        }, "outbox-sorter");
        sorter.setDaemon(true);
        sorter.start();
        Thread.sleep(50);
        OUTBOX.lockInterruptibly();
        OUTBOX.unlock();
    }

    private static void command(long ms) throws IOException, InterruptedException {
        Process p = new ProcessBuilder("sleep", Double.toString(ms / 1000.0)).start();
        try {
            p.waitFor();
        } finally {
            p.destroy();
        }
    }

    /** Read once for each process, when it is first asked. */
    private static final class Model {
        private static final double[] WEIGHTS = read();

        static double score() {
            return WEIGHTS[7];
        }

        private static double[] read() {
            double[] w = new double[100_000];
            Random random = new Random(11);
            for (long end = System.nanoTime() + modelMs * 1_000_000; System.nanoTime() < end; ) {
                for (int i = 0; i < w.length; i++) {
                    w[i] = Math.tanh(w[i] + random.nextGaussian());
                }
            }
            return w;
        }
    }
}

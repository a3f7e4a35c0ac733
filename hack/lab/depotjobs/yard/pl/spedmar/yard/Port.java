package pl.spedmar.yard;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** The port authority's desk, on loopback: it answers a line after the time that stands in it, and never where that is negative. */
public final class Port implements AutoCloseable {
    private static final ScheduledExecutorService CLERK = Executors.newScheduledThreadPool(1, r -> daemon("port-clerk", r));
    private static ServerSocket desk;

    private Socket line;
    private BufferedReader answers;

    static Thread daemon(String name, Runnable work) {
        Thread t = new Thread(work, name);
        t.setDaemon(true);
        return t;
    }

    private static synchronized int number() throws IOException {
        if (desk == null) {
            ServerSocket opened = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
            daemon("port-desk", () -> {
                while (!opened.isClosed()) {
                    try {
                        Socket caller = opened.accept();
                        daemon("port-line", () -> serve(caller)).start();
                    } catch (IOException e) {
                        return;
                    }
                }
            }).start();
            desk = opened;
        }
        return desk.getLocalPort();
    }

    private static void serve(Socket caller) {
        try (Socket s = caller; BufferedReader in = new BufferedReader(new InputStreamReader(s.getInputStream(), StandardCharsets.US_ASCII))) {
            for (String asked = in.readLine(); asked != null; asked = in.readLine()) {
                double ms = Double.parseDouble(asked.substring(asked.indexOf(' ') + 1));
                if (ms < 0) {
                    continue;
                }
                TimeUnit.NANOSECONDS.sleep((long) (ms * 1e6));
                s.getOutputStream().write("done\n".getBytes(StandardCharsets.US_ASCII));
            }
        } catch (IOException | InterruptedException e) {
            // the caller has hung up
        }
    }

    /** Asks and waits; without a word where the answer takes no time. */
    public void ask(String what, double ms) throws IOException {
        if (ms == 0) {
            return;
        }
        if (line == null) {
            line = new Socket(InetAddress.getLoopbackAddress(), number());
            line.setTcpNoDelay(true);
            answers = new BufferedReader(new InputStreamReader(line.getInputStream(), StandardCharsets.US_ASCII));
        }
        line.getOutputStream().write((what + " " + ms + "\n").getBytes(StandardCharsets.US_ASCII));
        answers.readLine();
    }

    /** Asks and goes on. */
    public static CompletableFuture<String> later(String what, long ms) {
        CompletableFuture<String> answer = new CompletableFuture<>();
        if (ms >= 0) {
            CLERK.schedule(() -> answer.complete(what), ms, TimeUnit.MILLISECONDS);
        }
        return answer;
    }

    @Override
    public void close() throws IOException {
        if (line != null) {
            line.close();
        }
    }
}

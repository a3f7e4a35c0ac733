package io.bluecart.platform;

import com.sun.net.httpserver.HttpServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;

/**
 * The systems around the jobs: a line protocol and an HTTP service on loopback, in this process, which answer as late as the caller
 * is meant to find them. A negative time is an answer that never comes.
 */
public final class Backend {
    private static ServerSocket lines;
    private static HttpServer web;

    private Backend() {}

    private static synchronized int linePort() throws IOException {
        if (lines == null) {
            lines = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
            daemon("line-acceptor", Backend::accept);
        }
        return lines.getLocalPort();
    }

    private static void accept() {
        while (true) {
            try {
                Socket s = lines.accept();
                daemon("line-session", () -> serve(s));
            } catch (IOException e) {
                return;
            }
        }
    }

    private static void serve(Socket s) {
        try (Socket own = s) {
            BufferedReader in = new BufferedReader(new InputStreamReader(own.getInputStream(), StandardCharsets.US_ASCII));
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                long ms = Long.parseLong(line.trim());
                Thread.sleep(ms < 0 ? Long.MAX_VALUE : ms);
                own.getOutputStream().write("+ok\n".getBytes(StandardCharsets.US_ASCII));
            }
        } catch (IOException | InterruptedException e) {
            // the caller went away
        }
    }

    private static synchronized int webPort() throws IOException {
        if (web == null) {
            web = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
            web.setExecutor(Executors.newCachedThreadPool(r -> {
                Thread t = new Thread(r, "web-session");
                t.setDaemon(true);
                return t;
            }));
            web.createContext("/", exchange -> {
                try {
                    long ms = Long.parseLong(exchange.getRequestURI().getQuery());
                    Thread.sleep(ms < 0 ? Long.MAX_VALUE : ms);
                    exchange.sendResponseHeaders(200, 2);
                    try (OutputStream body = exchange.getResponseBody()) {
                        body.write("ok".getBytes(StandardCharsets.US_ASCII));
                    }
                } catch (InterruptedException e) {
                    exchange.close();
                }
            });
            web.start();
        }
        return web.getAddress().getPort();
    }

    /** A synchronous GET, as a look-up in user code does it. */
    public static void get(long ms) throws IOException {
        if (ms == 0) {
            return;
        }
        HttpURLConnection c = (HttpURLConnection) new URL("http://127.0.0.1:" + webPort() + "/lookup?" + ms).openConnection();
        c.getInputStream().readAllBytes();
        c.disconnect();
    }

    static void daemon(String name, Runnable body) {
        Thread t = new Thread(body, name);
        t.setDaemon(true);
        t.start();
    }

    /** One connection to the line service; not for two threads. */
    public static final class Client implements AutoCloseable {
        private Socket socket;
        private BufferedReader in;

        /** Sends a request and waits for its answer; nothing is sent where the time is 0. */
        public void call(long ms) throws IOException {
            if (ms == 0) {
                return;
            }
            if (socket == null) {
                socket = new Socket(InetAddress.getLoopbackAddress(), linePort());
                socket.setTcpNoDelay(true);
                in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
            }
            socket.getOutputStream().write((ms + "\n").getBytes(StandardCharsets.US_ASCII));
            in.readLine();
        }

        @Override
        public void close() throws IOException {
            if (socket != null) {
                socket.close();
            }
        }
    }
}

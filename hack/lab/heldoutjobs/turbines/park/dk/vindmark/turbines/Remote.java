package dk.vindmark.turbines;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;

/** The services that the job asks, on loopback and in this process: each request says how many milliseconds its answer takes. */
final class Remote {
    private static ServerSocket server;
    private static HttpClient client;

    private Remote() {}

    /** Waits for the answer in the caller's thread. */
    static void ask(String what, long ms) throws IOException, InterruptedException {
        if (ms > 0) {
            client().send(request(what, ms), BodyHandlers.discarding());
        }
    }

    /** Does not wait. */
    static CompletableFuture<Integer> later(String what, long ms) throws IOException {
        return client().sendAsync(request(what, ms), BodyHandlers.discarding()).thenApply(r -> r.statusCode());
    }

    private static HttpRequest request(String what, long ms) throws IOException {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + "/" + what + "?" + ms)).GET().build();
    }

    private static synchronized HttpClient client() {
        if (client == null) {
            client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        }
        return client;
    }

    private static synchronized int port() throws IOException {
        if (server == null) {
            server = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
            start("services", Remote::accept);
        }
        return server.getLocalPort();
    }

    private static void accept() {
        try {
            while (true) {
                Socket s = server.accept();
                start("service", () -> answer(s));
            }
        } catch (IOException e) {
            // the process ends
        }
    }

    private static void answer(Socket s) {
        try (s; BufferedReader in = new BufferedReader(new InputStreamReader(s.getInputStream(), StandardCharsets.US_ASCII))) {
            long ms = 0;
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                if (line.startsWith("GET ")) {
                    ms = Long.parseLong(line.substring(line.indexOf('?') + 1, line.lastIndexOf(' ')));
                } else if (line.isEmpty()) {
                    Thread.sleep(ms);
                    s.getOutputStream().write("HTTP/1.1 204 No Content\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                }
            }
        } catch (IOException | InterruptedException e) {
            // whoever asked has gone
        }
    }

    static Thread start(String name, Runnable body) {
        Thread t = new Thread(body, name);
        t.setDaemon(true);
        t.start();
        return t;
    }
}

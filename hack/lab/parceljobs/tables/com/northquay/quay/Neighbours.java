package com.northquay.quay;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** The services beside the jobs: on loopback, as late as the caller is meant to find them; with a negative time they take a request and never answer. */
public final class Neighbours {
    private static final ScheduledExecutorService LATER = Executors.newScheduledThreadPool(2, r -> {
        Thread t = new Thread(r, "neighbour");
        t.setDaemon(true);
        return t;
    });
    private static final HttpClient HTTP = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private static HttpServer server;

    private Neighbours() {}

    private static synchronized int port() throws IOException {
        if (server == null) {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 200);
            server.setExecutor(LATER);
            server.createContext("/", Neighbours::take);
            server.start();
        }
        return server.getAddress().getPort();
    }

    private static void take(HttpExchange exchange) {
        long ms = Long.parseLong(exchange.getRequestURI().getQuery());
        if (ms >= 0) {
            LATER.schedule(() -> answer(exchange), ms, TimeUnit.MILLISECONDS);
        }
    }

    private static void answer(HttpExchange exchange) {
        try {
            exchange.sendResponseHeaders(200, 1);
            try (OutputStream body = exchange.getResponseBody()) {
                body.write('1');
            }
        } catch (IOException e) {
            // whoever asked has gone
        }
    }

    private static HttpRequest request(String path, long ms) throws IOException {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + "/" + path + "?" + ms)).build();
    }

    /** Asks and waits; nothing is asked where the time is 0. */
    public static void ask(String path, long ms) throws IOException {
        if (ms == 0) {
            return;
        }
        try {
            HTTP.send(request(path, ms), HttpResponse.BodyHandlers.ofString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while " + path + " was asked", e);
        }
    }

    /** Asks and comes back at once. */
    public static CompletableFuture<String> askLater(String path, long ms) throws IOException {
        return HTTP.sendAsync(request(path, ms), HttpResponse.BodyHandlers.ofString()).thenApply(HttpResponse::body);
    }
}

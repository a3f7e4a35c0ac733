package it.pedaggio.tolls;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URL;
import java.util.concurrent.Executors;

/** What the job asks over HTTP: served by this process itself, as late as the question says. */
final class Backoffice {
    private static HttpServer server;

    private Backoffice() {}

    /** Asks and waits. There is no limit of time, as nobody has set one. */
    static void ask(String office, long ms) throws IOException {
        if (ms <= 0) {
            return;
        }
        URL url = new URL("http://127.0.0.1:" + port() + "/" + office + "/" + ms);
        HttpURLConnection connection = (HttpURLConnection) url.openConnection(Proxy.NO_PROXY);
        if (connection.getResponseCode() != 200) {
            throw new IOException(url + " answered " + connection.getResponseMessage());
        }
        connection.getInputStream().readAllBytes();
    }

    private static synchronized int port() throws IOException {
        if (server == null) {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 128);
            server.setExecutor(Executors.newCachedThreadPool(work -> {
                Thread t = new Thread(work, "backoffice");
                t.setDaemon(true);
                return t;
            }));
            server.createContext("/", exchange -> {
                String path = exchange.getRequestURI().getPath();
                rest(Long.parseLong(path.substring(path.lastIndexOf('/') + 1)));
                exchange.sendResponseHeaders(200, 2);
                exchange.getResponseBody().write("ok".getBytes());
                exchange.close();
            });
            server.start();
        }
        return server.getAddress().getPort();
    }

    static Thread thread(String name, Runnable body) {
        Thread t = new Thread(body, name);
        t.setDaemon(true);
        t.start();
        return t;
    }

    static void rest(long ms) {
        try {
            Thread.sleep(ms);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

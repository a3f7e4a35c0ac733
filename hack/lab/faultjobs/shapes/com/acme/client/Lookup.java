package com.acme.client;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URL;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;

/** Ways in which one call can take long, each for so many milliseconds. */
public final class Lookup {
    private static final Pattern CODES = Pattern.compile("^(([A-Z]+[0-9]*)+[-_ ]?)+;$");
    private static final Object TABLE = new Object();

    private Lookup() {}

    public static void call(String kind, long ms) throws Exception {
        switch (kind) {
            case "socket":
                socket(ms);
                break;
            case "http":
                http(ms);
                break;
            case "future":
                future(ms);
                break;
            case "lock":
                lock(ms);
                break;
            case "regex":
                regex(ms);
                break;
            case "sort":
                sort(ms);
                break;
            default:
                Thread.sleep(ms);
        }
    }

    /** Somebody who takes the connection and never answers. */
    private static ServerSocket silent() throws IOException {
        return new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    }

    private static void socket(long ms) throws IOException {
        try (ServerSocket server = silent(); Socket s = new Socket(server.getInetAddress(), server.getLocalPort())) {
            s.setSoTimeout((int) ms);
            s.getOutputStream().write("GET 42\n".getBytes());
            if (s.getInputStream().read() < 0) {
                throw new IOException("closed");
            }
        } catch (SocketTimeoutException e) {
            // without an answer it goes on
        }
    }

    private static void http(long ms) throws IOException {
        try (ServerSocket server = silent()) {
            HttpURLConnection c = (HttpURLConnection) new URL("http", "127.0.0.1", server.getLocalPort(), "/score").openConnection();
            c.setReadTimeout((int) ms);
            c.getResponseCode();
        } catch (SocketTimeoutException e) {
            // without an answer it goes on
        }
    }

    private static void future(long ms) throws InterruptedException, ExecutionException {
        try {
            new CompletableFuture<String>().get(ms, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            // without an answer it goes on
        }
    }

    /** Waits for a lock that another thread has while it rebuilds a table. */
    private static void lock(long ms) throws InterruptedException {
        Thread rebuild = new Thread(() -> {
            synchronized (TABLE) {
                try {
                    Thread.sleep(ms);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
        }, "rebuild");
        rebuild.setDaemon(true);
        rebuild.start();
        Thread.sleep(50);
        synchronized (TABLE) {
            TABLE.notifyAll();
        }
    }

    /** A text that the expression tries in more ways with each letter. */
    private static void regex(long ms) {
        long end = System.nanoTime() + ms * 1_000_000;
        while (System.nanoTime() < end) {
            CODES.matcher("AAAAAAAAAAAAAAAAAAAAAA1").matches();
        }
    }

    private static void sort(long ms) {
        long end = System.nanoTime() + ms * 1_000_000;
        String[] names = new String[200_000];
        Random random = new Random(5);
        while (System.nanoTime() < end) {
            Arrays.setAll(names, i -> Integer.toString(random.nextInt()));
            Arrays.sort(names, Comparator.reverseOrder());
        }
    }
}

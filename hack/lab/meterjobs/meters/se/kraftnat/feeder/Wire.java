package se.kraftnat.feeder;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A connection to what stands beside the jobs, in the manner of a driver of a database: a line asks, a line answers. */
public final class Wire implements Closeable {
    private static ServerSocket beside;

    private final Socket socket;
    private final BufferedReader in;

    private Wire(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
    }

    public static Wire open() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port());
        socket.setTcpNoDelay(true);
        return new Wire(socket);
    }

    /** Asks and reads the answer, which comes after some time. */
    public String ask(String what, long ms) throws IOException {
        OutputStream out = socket.getOutputStream();
        out.write((what + " " + ms + "\n").getBytes(StandardCharsets.US_ASCII));
        out.flush();
        String answer = in.readLine();
        if (answer == null) {
            throw new IOException(what + ": the connection was closed");
        }
        return answer;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    private static synchronized int port() throws IOException {
        if (beside == null) {
            beside = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
            background("accepts", Wire::accept);
        }
        return beside.getLocalPort();
    }

    private static void background(String name, Runnable work) {
        Thread thread = new Thread(work, "beside-" + name);
        thread.setDaemon(true);
        thread.start();
    }

    private static void accept() {
        try {
            while (true) {
                Socket one = beside.accept();
                background("serves", () -> serve(one));
            }
        } catch (IOException e) {
            // the process ends
        }
    }

    private static void serve(Socket one) {
        try (Socket socket = one; BufferedReader asked = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))) {
            for (String line = asked.readLine(); line != null; line = asked.readLine()) {
                Thread.sleep(Long.parseLong(line.substring(line.lastIndexOf(' ') + 1)));
                socket.getOutputStream().write((line.startsWith("refuse") ? "busy\n" : "done\n").getBytes(StandardCharsets.US_ASCII));
            }
        } catch (IOException e) {
            // whoever asked has gone
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

package io.moorage.berth;

import io.moorage.levers.Levers;
import java.io.IOException;

/** How far away the store is for one object. */
final class Session {
    private static double crane; // when the way that all objects of this process share is free, in ms

    private final String object;
    private boolean dropped;

    Session(String object) {
        this.object = object;
    }

    void open() throws IOException {
        boolean manifest = object.equals("_metadata");
        if (Math.random() * 100 < Levers.at(manifest ? "berth.revoked.manifest" : "berth.revoked")) {
            throw new IOException("berth: open of " + object + " failed: status 401, session revoked");
        }
        rest(Levers.at(manifest ? "berth.open.manifest" : "berth.open"));
    }

    /** Bytes that go out: on a way of their own, then on the one that is shared. */
    void send(int bytes) throws IOException {
        double pace = Levers.at("berth.pace");
        double shared = Levers.at("berth.crane");
        double ms = pace > 0 ? bytes / 1.024 / pace : 0;
        if (shared > 0) {
            synchronized (Session.class) {
                double now = System.nanoTime() / 1e6;
                crane = Math.max(crane, now) + bytes / 1.024 / shared;
                ms = Math.max(ms, crane - now);
            }
        }
        rest(ms);
    }

    void seal() throws IOException {
        rest(Levers.at("berth.seal"));
    }

    /** Nobody wants the object any more. */
    synchronized void drop() {
        dropped = true;
        notifyAll();
    }

    synchronized void rest(double ms) throws IOException {
        long end = System.nanoTime() + (long) (ms * 1e6);
        try {
            for (long left = (end - System.nanoTime()) / 1_000_000; ms > 0 && left > 0; left = (end - System.nanoTime()) / 1_000_000) {
                if (dropped) {
                    throw new IOException("berth: " + object + " was dropped");
                }
                wait(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("berth: interrupted beside " + object, e);
        }
    }
}

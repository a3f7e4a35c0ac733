package pl.spedmar.yard;

import io.moorage.levers.Levers;
import java.util.ArrayList;
import java.util.List;

/** Maps of all yards, held by whoever opens it: sheets that stay, sheets that are drawn anew each second, and threads that measure ways on them. */
final class Atlas {
    private static final int SPOTS = 9000; // of a sheet, each a small array: 24 bytes and 4 for its place

    private final String name;
    private volatile boolean open;

    Atlas(String name) {
        this.name = name;
    }

    synchronized void open() {
        if (!open) {
            open = true;
            Port.daemon(name, this::hold).start();
            for (int i = 0; i < 6; i++) {
                int worker = i;
                Port.daemon(name + "-ways-" + i, () -> measure(worker)).start();
            }
        }
    }

    void close() {
        open = false;
    }

    private static byte[][] sheet() {
        byte[][] spots = new byte[SPOTS][];
        for (int i = 0; i < SPOTS; i++) {
            spots[i] = new byte[8];
        }
        return spots;
    }

    /** So many quarters of a MiB stay ({@code .mb}), but never so many that less than {@code .room} MiB are free; {@code .fresh} MiB a second are drawn anew. */
    private void hold() {
        List<byte[][]> sheets = new ArrayList<>();
        double due = 0;
        int next = 0;
        while (open) {
            long want = Math.round(Levers.at(name + ".mb") * 4);
            long room = Math.round(Levers.at(name + ".room")) << 20;
            Runtime jvm = Runtime.getRuntime();
            while (sheets.size() < want && jvm.maxMemory() - jvm.totalMemory() + jvm.freeMemory() > room + (1 << 20)) {
                sheets.add(sheet());
            }
            if (want == 0) {
                sheets.clear();
            }
            due += Levers.at(name + ".fresh") * 4 / 50;
            for (; due >= 1 && !sheets.isEmpty(); due--) {
                sheets.set(next++ % sheets.size(), sheet());
            }
            pause(20);
        }
    }

    private void measure(int worker) {
        double way = worker;
        while (open) {
            if (Levers.at(name + ".ways") <= worker) {
                pause(250);
                continue;
            }
            for (int i = 0; i < 400_000; i++) {
                way = Math.hypot(way, i) % 1e6;
            }
            if (way < 0) {
                return;
            }
        }
    }

    private static void pause(long ms) {
        try {
            Thread.sleep(ms);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

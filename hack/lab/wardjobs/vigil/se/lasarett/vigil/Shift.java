package se.lasarett.vigil;

import java.io.IOException;
import no.vaskeri.knobs.Knobs;

/** What a writer and a committer of charts do. */
final class Shift {
    private final String name;
    private final int self;
    private long rows;

    Shift(String name, int self) {
        this.name = name;
        this.self = self;
    }

    void row() throws IOException {
        double ms = Knobs.get(name + ".row", self);
        try {
            if (ms > 0) {
                Thread.sleep((long) ms, (int) (ms % 1 * 1e6));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
        rows++;
    }

    void flush() throws IOException {
        try {
            Wire.answer(Knobs.ms(name + ".flush", self));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    String page() {
        return name + "/" + self + "/" + rows;
    }

    static void sign(String page) throws IOException {
        String[] parts = page.split("/");
        Wire.read(Knobs.ms(parts[0] + ".sign", Integer.parseInt(parts[1])));
    }
}

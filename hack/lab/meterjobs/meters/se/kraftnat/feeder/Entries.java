package se.kraftnat.feeder;

import io.spindle.panel.Panel;
import java.io.IOException;

/** What the writers of a ledger do with their entries. */
public final class Entries {
    private final String name;
    private final int subtask;
    private Wire wire;
    private long open;

    public Entries(String name, int subtask) {
        this.name = name;
        this.subtask = subtask;
    }

    public void add() throws IOException {
        open++;
        long ms = Panel.of(name + ".entry", subtask);
        if (ms > 0) {
            wire().ask("insert", ms);
        }
    }

    /** Sends what is open; while the ledger is busy it is asked again. */
    public void send() throws IOException, InterruptedException {
        long ms = Panel.of(name + ".flush", subtask);
        if (ms > 0) {
            wire().ask("batch", ms);
        }
        while (Panel.of(name + ".busy", subtask) > 0 && wire().ask("refuse", 20).equals("busy")) {
            Thread.sleep(700);
        }
    }

    /** The transaction of this checkpoint: whose it is, and how many entries it has. */
    public String seal() {
        String sealed = subtask + "/" + open;
        open = 0;
        return sealed;
    }

    public void end() throws IOException {
        if (wire != null) {
            wire.close();
        }
    }

    private Wire wire() throws IOException {
        if (wire == null) {
            wire = Wire.open();
        }
        return wire;
    }
}

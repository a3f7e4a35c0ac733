package se.kraftnat.feeder;

import java.io.Serializable;

/** What a feed of readings looks like. */
public final class Shape implements Serializable {
    private static final long serialVersionUID = 3L;

    public String name = "readings";
    public int rate = 100; // readings a second and reader; 0 = a silent feed
    public int meters = 500;
    public int streets = 80;
    public int hot; // per cent of the readings that are of street 0
    public int bytes = 40; // of a telegram
}

package se.kraftnat.meters;

import se.kraftnat.feeder.Draft;

/** A reading on its way through the head-end. */
public class Pulse {
    public String meter;
    public String street;
    public double kwh;
    public String telegram;
    public long taken;

    public Pulse() {}

    static Pulse of(Draft d) {
        Pulse p = new Pulse();
        p.meter = d.meter;
        p.street = d.street;
        p.kwh = d.kwh;
        p.telegram = d.telegram;
        p.taken = d.taken;
        return p;
    }

    public String getMeter() {
        return meter;
    }

    public String getStreet() {
        return street;
    }
}

package dk.vindmark.turbines;

/** What a turbine, a weather station or the table of limits says. */
public class Reading {
    public int turbine;
    public String signal;
    public long at;
    public double value;
    public byte[] raw;

    public Reading() {}

    public Reading(int turbine, String signal, long at, double value, byte[] raw) {
        this.turbine = turbine;
        this.signal = signal;
        this.at = at;
        this.value = value;
        this.raw = raw;
    }

    public int farm() {
        return turbine / 4;
    }

    public int turbine() {
        return turbine;
    }
}

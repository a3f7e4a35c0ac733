package se.lasarett.vigil;

/** What a monitor, a pump or the register of beds says of a patient. */
public class Reading {
    public int patient;
    public int ward;
    public long number;
    public long taken;
    public double pulse;
    public byte[] trace;

    public Reading() {}
}

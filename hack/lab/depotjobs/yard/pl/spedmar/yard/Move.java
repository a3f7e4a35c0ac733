package pl.spedmar.yard;

/** Something that a truck does on a yard. */
public class Move {
    public long truck;
    public int dock;
    public String kind;
    public long at;
    public long weight;
    public byte[] papers;

    public Move() {}

    public long getTruck() {
        return truck;
    }

    public int getDock() {
        return dock;
    }
}

package se.lasarett.vigil;

/** What is made of readings and bells. */
public class Note {
    public int patient;
    public int ward;
    public int count;
    public double score;
    public long taken;

    public Note() {}

    Note(int patient, int ward, int count, double score, long taken) {
        this.patient = patient;
        this.ward = ward;
        this.count = count;
        this.score = score;
        this.taken = taken;
    }
}

package se.lasarett.vigil;

import org.apache.flink.api.common.functions.AggregateFunction;

/** How many readings a ward has, and what they are on average. */
class Census implements AggregateFunction<Note, Note, Note> {
    private static final long serialVersionUID = 5L;

    @Override
    public Note createAccumulator() {
        return new Note();
    }

    @Override
    public Note add(Note note, Note sum) {
        return new Note(note.patient, note.ward, sum.count + 1, sum.score + note.score, note.taken);
    }

    @Override
    public Note getResult(Note sum) {
        return new Note(sum.patient, sum.ward, sum.count, sum.score / Math.max(1, sum.count), sum.taken);
    }

    @Override
    public Note merge(Note a, Note b) {
        return new Note(b.patient, b.ward, a.count + b.count, a.score + b.score, Math.max(a.taken, b.taken));
    }
}

package se.lasarett.vigil;

import java.util.Map;
import no.vaskeri.knobs.Knobs;

/** The bells beside the beds: an old source that asks its controller under the lock of checkpoints. */
class CallBells extends OldSource<Note> {
    private static final long serialVersionUID = 5L;

    private final double rate;
    private final int patients;
    private volatile boolean on = true;

    CallBells(Map<String, String> args) {
        rate = Double.parseDouble(args.getOrDefault("bells-rate", "2"));
        patients = Integer.parseInt(args.getOrDefault("patients", "400"));
    }

    @Override
    public void run(SourceContext<Note> context) throws Exception {
        int self = Era.index(getRuntimeContext());
        for (long n = 0; on; n++) {
            synchronized (context.getCheckpointLock()) {
                Wire.read(Knobs.ms("bells.controller", self));
                int patient = (int) (n * 31 % patients);
                long now = System.currentTimeMillis();
                context.collectWithTimestamp(new Note(patient, patient % 12, 1, 1, now), now);
            }
            Thread.sleep((long) (1000 / rate));
        }
    }

    @Override
    public void cancel() {
        on = false;
    }
}

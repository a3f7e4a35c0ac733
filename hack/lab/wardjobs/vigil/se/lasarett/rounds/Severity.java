package se.lasarett.rounds;

import no.vaskeri.knobs.Knobs;
import org.apache.flink.table.functions.ScalarFunction;
import se.lasarett.vigil.Wire;

/** How bad a pulse is; a model says it. */
public class Severity extends ScalarFunction {
    private static final long serialVersionUID = 5L;

    public Double eval(Integer patient, Double pulse, String diagnosis) throws Exception {
        if (patient == 7) {
            Wire.read(Knobs.ms("severity.rare", 0));
        }
        double ms = Knobs.get("severity.model");
        if (ms > 0) {
            Wire.compute(ms);
        }
        return pulse * (diagnosis == null ? 1 : 1 + diagnosis.length() % 5);
    }

    @Override
    public boolean isDeterministic() {
        return false;
    }
}

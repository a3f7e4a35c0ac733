package se.kraftnat.meters;

import io.spindle.panel.Panel;
import java.io.IOException;
import org.apache.flink.table.functions.FunctionContext;
import org.apache.flink.table.functions.ScalarFunction;
import se.kraftnat.feeder.Wire;

/** A reading times the factor of the transformer of its street. */
public final class Scaled extends ScalarFunction {
    private static final long serialVersionUID = 3L;

    private transient Wire factors;
    private transient int subtask;

    @Override
    public void open(FunctionContext context) {
        subtask = Integer.parseInt(context.getMetricGroup().getAllVariables().get("<subtask_index>"));
    }

    public Double eval(Double kwh, String street) throws IOException {
        long ms = Panel.of("factor.query", subtask);
        if (ms > 0) {
            if (factors == null) {
                factors = Wire.open();
            }
            factors.ask("factor", ms);
        }
        return kwh * (1 + (street.hashCode() & 3));
    }
}

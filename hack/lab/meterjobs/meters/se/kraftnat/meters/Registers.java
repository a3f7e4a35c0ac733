package se.kraftnat.meters;

import io.spindle.panel.Panel;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.flink.table.annotation.DataTypeHint;
import org.apache.flink.table.annotation.FunctionHint;
import org.apache.flink.table.functions.TableFunction;
import org.apache.flink.types.Row;

/** The registers of a telegram: what was drawn, and what a roof has given. */
@FunctionHint(output = @DataTypeHint("ROW<direction STRING, amount DOUBLE>"))
public final class Registers extends TableFunction<Row> {
    private static final long serialVersionUID = 3L;

    public void eval(Double kwh, String telegram) {
        String text = telegram;
        long oneIn = Panel.of("telegram.cut"); // one telegram in so many arrives without its end
        if (oneIn > 0 && ThreadLocalRandom.current().nextLong(oneIn) == 0) {
            text = telegram.substring(0, 3);
        }
        int checksum = Integer.parseInt(text.substring(4, 8), 16);
        collect(Row.of("import", kwh));
        if (checksum % 5 == 0) {
            collect(Row.of("export", kwh / 9));
        }
    }
}

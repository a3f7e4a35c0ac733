package se.kraftnat.meters;

import java.time.LocalDateTime;
import java.time.ZoneOffset;
import org.apache.flink.table.functions.ScalarFunction;

/** Which period of so many seconds a time belongs to. */
public final class Period extends ScalarFunction {
    private static final long serialVersionUID = 3L;

    public Long eval(LocalDateTime taken, Integer seconds) {
        return taken.toEpochSecond(ZoneOffset.UTC) / seconds;
    }
}

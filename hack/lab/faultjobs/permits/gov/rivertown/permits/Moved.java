package gov.rivertown.permits;

import com.acme.feed.Options;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.flink.table.functions.ScalarFunction;

/** To which office a permit goes: more and more of them, moved-from to moved-to of all, to one. */
public class Moved extends ScalarFunction {
    private static final long serialVersionUID = 1L;

    private final Options options;

    public Moved(Options options) {
        this.options = options;
    }

    @Override
    public boolean isDeterministic() {
        return false;
    }

    public Integer eval(Integer office) {
        double share = options.share("moved-from") + (options.share("moved-to") - options.share("moved-from")) * (options.active() ? options.growth() : 0);
        return ThreadLocalRandom.current().nextDouble() < share ? Integer.valueOf(7) : office;
    }
}

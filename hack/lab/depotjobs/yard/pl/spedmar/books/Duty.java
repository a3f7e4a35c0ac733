package pl.spedmar.books;

import io.moorage.levers.Levers;
import java.io.IOException;
import org.apache.flink.table.functions.FunctionContext;
import org.apache.flink.table.functions.ScalarFunction;
import pl.spedmar.yard.Port;

/** What is due for a load: the broker is asked ({@code duty} ms) before it is computed. */
public final class Duty extends ScalarFunction {
    private static final long serialVersionUID = 11L;

    private transient Port broker;
    private transient int subtask;

    @Override
    public void open(FunctionContext context) {
        broker = new Port();
        subtask = Integer.parseInt(context.getMetricGroup().getAllVariables().get("<subtask_index>"));
    }

    public Long eval(Long weight) throws IOException {
        broker.ask("duty", Levers.at("duty", subtask));
        return weight * 19 / 100;
    }

    @Override
    public void close() throws Exception {
        if (broker != null) {
            broker.close();
        }
    }
}

package pl.spedmar.yard;

import org.apache.flink.api.common.functions.AggregateFunction;

/** What a dock has handled in one go, in kilograms. */
final class Handled implements AggregateFunction<Move, Long, Long> {
    private static final long serialVersionUID = 11L;

    @Override
    public Long createAccumulator() {
        return 0L;
    }

    @Override
    public Long add(Move m, Long sum) {
        return sum + m.weight;
    }

    @Override
    public Long getResult(Long sum) {
        return sum;
    }

    @Override
    public Long merge(Long a, Long b) {
        return a + b;
    }
}

package io.adstream;

import com.acme.client.Work;
import com.acme.feed.Options;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.java.tuple.Tuple2;

/** Takes a bid as it is, with what the step of that name costs. */
final class Step extends RichMapFunction<Tuple2<Integer, byte[]>, Tuple2<Integer, byte[]>> {
    private static final long serialVersionUID = 1L;

    private final Work work;

    Step(Options options, String name) {
        work = new Work(options, name);
    }

    @Override
    public Tuple2<Integer, byte[]> map(Tuple2<Integer, byte[]> bid) throws Exception {
        work.on(Options.subtask(getRuntimeContext()), bid.f0);
        return bid;
    }
}

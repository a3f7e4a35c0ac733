package net.rivermetrics.traffic;

import com.acme.client.Work;
import com.acme.feed.Options;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/** Where summaries leave. */
public final class Outlet extends AbstractStreamOperator<Integer> implements OneInputStreamOperator<Tuple2<Integer, byte[]>, Integer> {
    private static final long serialVersionUID = 1L;

    private final Work work;

    public Outlet(Options options, String step) {
        this.work = new Work(options, step);
    }

    @Override
    public void processElement(StreamRecord<Tuple2<Integer, byte[]>> record) throws Exception {
        work.on(Options.subtask(getRuntimeContext()), record.getValue().f0);
    }
}

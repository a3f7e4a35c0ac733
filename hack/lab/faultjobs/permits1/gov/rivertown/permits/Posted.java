package gov.rivertown.permits;

import com.acme.feed.Options;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.sink.RichSinkFunction;
import org.apache.flink.table.data.RowData;

/** The same as a sink function, which has one place for what must be done before a barrier: its snapshot. */
final class Posted extends RichSinkFunction<RowData> implements CheckpointedFunction {
    private static final long serialVersionUID = 1L;

    private final Options options;
    private transient Desk desk;

    Posted(Options options) {
        this.options = options;
    }

    @Override
    public void initializeState(FunctionInitializationContext ctx) {
        desk = new Desk(options, Options.subtask(getRuntimeContext()));
    }

    @Override
    public void invoke(RowData row, Context ctx) throws Exception {
        desk.enter();
    }

    @Override
    public void snapshotState(FunctionSnapshotContext ctx) throws Exception {
        desk.at("snapshot");
    }

    @Override
    public void close() {
        if (desk != null) {
            desk.close();
        }
    }
}

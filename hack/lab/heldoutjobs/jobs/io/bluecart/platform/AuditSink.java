package io.bluecart.platform;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.state.CheckpointListener;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;

/** The old way: rows are kept and written when a checkpoint comes; files are made visible when it is complete. */
public final class AuditSink extends LegacySink<Event> implements CheckpointedFunction, CheckpointListener {
    private static final long serialVersionUID = 1L;

    private final String name;
    private transient List<String> rows;
    private transient ListState<String> pendingFiles;
    private transient Backend.Client warehouse;
    private transient int subtask;

    public AuditSink(String name) {
        this.name = name;
    }

    @Override
    public void initializeState(FunctionInitializationContext ctx) throws Exception {
        subtask = Compat.subtask(getRuntimeContext());
        rows = new ArrayList<>();
        warehouse = new Backend.Client();
        pendingFiles = ctx.getOperatorStateStore().getListState(new ListStateDescriptor<>("pending-files", String.class));
    }

    @Override
    public void invoke(Event e, Context ctx) throws IOException {
        if (rows.size() < 10_000) {
            rows.add(e.key + "," + e.kind + "," + e.time);
        }
        warehouse.call(Tunables.number(name + ".write.ms", subtask));
    }

    @Override
    public void snapshotState(FunctionSnapshotContext ctx) throws Exception {
        flushRows();
        pendingFiles.clear();
        pendingFiles.add("part-" + subtask + "-" + ctx.getCheckpointId());
    }

    private void flushRows() throws IOException {
        if (Tunables.number(name + ".stage.fail", subtask) > 0) {
            throw new IOException("warehouse: stage not found");
        }
        warehouse.call(Tunables.number(name + ".stage.ms", subtask));
        rows.clear();
    }

    @Override
    public void notifyCheckpointComplete(long checkpointId) throws Exception {
        warehouse.call(Tunables.number(name + ".publish.ms", subtask));
    }

    @Override
    public void close() throws Exception {
        if (warehouse != null) {
            warehouse.close();
        }
    }
}

package gov.rivertown.permits;

import com.acme.feed.Options;
import com.esotericsoftware.kryo.DefaultSerializer;
import java.io.Serializable;
import java.util.HashMap;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.typeutils.runtime.kryo.JavaSerializer;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.table.data.RowData;
import org.apache.flink.util.Collector;

/** Keeps files of permits in operator state, which can be copied by Java's serialization only: files of a subtask, files-each with one row. */
final class Keep extends ProcessFunction<RowData, RowData> implements CheckpointedFunction {
    private static final long serialVersionUID = 1L;

    private final Options options;
    private transient ListState<File> files;
    private transient long kept;

    Keep(Options options) {
        this.options = options;
    }

    @Override
    public void initializeState(FunctionInitializationContext ctx) throws Exception {
        files = ctx.getOperatorStateStore().getListState(new ListStateDescriptor<>("files", Types.GENERIC(File.class)));
    }

    @Override
    public void processElement(RowData row, Context ctx, Collector<RowData> out) throws Exception {
        for (long i = 0; options.active() && i < options.number("files-each", 500) && kept < options.number("files", 0); i++) {
            files.add(new File(kept++));
        }
        out.collect(row);
    }

    @Override
    public void snapshotState(FunctionSnapshotContext ctx) {}

    /** A file as a job of old has it. */
    @DefaultSerializer(JavaSerializer.class)
    public static final class File implements Serializable {
        private static final long serialVersionUID = 1L;

        private final HashMap<String, Long> pages = new HashMap<>();

        File(long number) {
            pages.put("permit", number);
            pages.put("office", number % 30);
        }
    }
}

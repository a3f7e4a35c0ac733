package se.lasarett.vigil;

import java.util.ArrayList;
import java.util.List;
import no.vaskeri.knobs.Knobs;
import org.apache.flink.api.common.state.CheckpointListener;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;

/** Pages the staff. What was not answered yet is state; what a checkpoint has seen is struck off the list of pages. */
class Pager extends OldSink<Note> implements CheckpointedFunction, CheckpointListener {
    private static final long serialVersionUID = 5L;

    private transient ListState<Long> unanswered;
    private transient List<Long> open;
    private transient int self;

    @Override
    public void initializeState(FunctionInitializationContext context) throws Exception {
        unanswered = context.getOperatorStateStore().getListState(new ListStateDescriptor<>("unanswered", Long.class));
        open = new ArrayList<>();
        unanswered.get().forEach(open::add);
        self = Era.index(getRuntimeContext());
    }

    @Override
    public void invoke(Note note, Context context) throws Exception {
        Wire.read(Knobs.ms("pager.page", self));
        open.add(note.taken);
        if (open.size() > 50) {
            open.clear();
        }
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) throws Exception {
        Wire.read(Knobs.ms("pager.flush", self));
        unanswered.update(open);
    }

    @Override
    public void notifyCheckpointComplete(long checkpoint) throws Exception {
        Wire.read(Knobs.ms("pager.strike", self));
    }
}

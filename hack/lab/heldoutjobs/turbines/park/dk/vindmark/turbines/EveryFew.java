package dk.vindmark.turbines;

import org.apache.flink.api.common.state.ReducingState;
import org.apache.flink.api.common.state.ReducingStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.windowing.triggers.Trigger;
import org.apache.flink.streaming.api.windowing.triggers.TriggerResult;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;

/** Fires with every so many readings and when the session ends. Unless the session is held, what has been told is forgotten. */
final class EveryFew extends Trigger<Reading, TimeWindow> {
    private static final long serialVersionUID = 7L;

    private final int few;
    private final boolean held;
    private final ReducingStateDescriptor<Long> count = new ReducingStateDescriptor<>("count", Long::sum, Types.LONG);

    EveryFew(int few, boolean held) {
        this.few = few;
        this.held = held;
    }

    @Override
    public TriggerResult onElement(Reading r, long at, TimeWindow w, TriggerContext ctx) throws Exception {
        ctx.registerProcessingTimeTimer(w.maxTimestamp());
        ReducingState<Long> n = ctx.getPartitionedState(count);
        n.add(1L);
        if (n.get() < few) {
            return TriggerResult.CONTINUE;
        }
        n.clear();
        return held ? TriggerResult.CONTINUE : TriggerResult.FIRE_AND_PURGE;
    }

    @Override
    public TriggerResult onProcessingTime(long time, TimeWindow w, TriggerContext ctx) {
        return TriggerResult.FIRE_AND_PURGE;
    }

    @Override
    public TriggerResult onEventTime(long time, TimeWindow w, TriggerContext ctx) {
        return TriggerResult.CONTINUE;
    }

    @Override
    public boolean canMerge() {
        return true;
    }

    @Override
    public void onMerge(TimeWindow w, OnMergeContext ctx) {
        ctx.mergePartitionedState(count);
        ctx.registerProcessingTimeTimer(w.maxTimestamp());
    }

    @Override
    public void clear(TimeWindow w, TriggerContext ctx) throws Exception {
        ctx.deleteProcessingTimeTimer(w.maxTimestamp());
        ctx.getPartitionedState(count).clear();
    }
}

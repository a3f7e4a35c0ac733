package io.bluecart.platform;

import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.streaming.api.datastream.KeyedStream;
import org.apache.flink.streaming.api.windowing.assigners.EventTimeSessionWindows;
import org.apache.flink.streaming.api.windowing.assigners.TumblingProcessingTimeWindows;
import org.apache.flink.streaming.api.windowing.time.Time;

/** What has another signature in Flink 2. */
public final class Compat {
    private Compat() {}

    public static int subtask(RuntimeContext ctx) {
        return ctx.getIndexOfThisSubtask();
    }

    public static TumblingProcessingTimeWindows tumbling(long seconds) {
        return TumblingProcessingTimeWindows.of(Time.seconds(seconds));
    }

    public static EventTimeSessionWindows sessions(long seconds) {
        return EventTimeSessionWindows.withGap(Time.seconds(seconds));
    }

    public static <A, B, K> KeyedStream.IntervalJoined<A, B, K> within(KeyedStream.IntervalJoin<A, B, K> join, long seconds) {
        return join.between(Time.seconds(-seconds), Time.seconds(seconds));
    }
}

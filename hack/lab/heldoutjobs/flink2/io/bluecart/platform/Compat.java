package io.bluecart.platform;

import java.time.Duration;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.streaming.api.datastream.KeyedStream;
import org.apache.flink.streaming.api.windowing.assigners.EventTimeSessionWindows;
import org.apache.flink.streaming.api.windowing.assigners.TumblingProcessingTimeWindows;

/** What has another signature in Flink 1. */
public final class Compat {
    private Compat() {}

    public static int subtask(RuntimeContext ctx) {
        return ctx.getTaskInfo().getIndexOfThisSubtask();
    }

    public static TumblingProcessingTimeWindows tumbling(long seconds) {
        return TumblingProcessingTimeWindows.of(Duration.ofSeconds(seconds));
    }

    public static EventTimeSessionWindows sessions(long seconds) {
        return EventTimeSessionWindows.withGap(Duration.ofSeconds(seconds));
    }

    public static <A, B, K> KeyedStream.IntervalJoined<A, B, K> within(KeyedStream.IntervalJoin<A, B, K> join, long seconds) {
        return join.between(Duration.ofSeconds(-seconds), Duration.ofSeconds(seconds));
    }
}

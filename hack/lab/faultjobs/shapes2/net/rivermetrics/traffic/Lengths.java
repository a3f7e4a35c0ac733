package net.rivermetrics.traffic;

import java.time.Duration;
import org.apache.flink.streaming.api.windowing.assigners.TumblingEventTimeWindows;
import org.apache.flink.streaming.api.windowing.assigners.TumblingProcessingTimeWindows;
import org.apache.flink.streaming.api.windowing.assigners.WindowAssigner;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;

/** Windows of a length, as Flink 2 declares it. */
final class Lengths {
    private Lengths() {}

    static WindowAssigner<Object, TimeWindow> tumbling(boolean eventTime, long seconds) {
        Duration length = Duration.ofSeconds(seconds);
        return eventTime ? TumblingEventTimeWindows.of(length) : TumblingProcessingTimeWindows.of(length);
    }
}

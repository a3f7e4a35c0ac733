package net.rivermetrics.traffic;

import org.apache.flink.streaming.api.windowing.assigners.TumblingEventTimeWindows;
import org.apache.flink.streaming.api.windowing.assigners.TumblingProcessingTimeWindows;
import org.apache.flink.streaming.api.windowing.assigners.WindowAssigner;
import org.apache.flink.streaming.api.windowing.time.Time;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;

/** Windows of a length, as Flink 1 declares it. */
final class Lengths {
    private Lengths() {}

    static WindowAssigner<Object, TimeWindow> tumbling(boolean eventTime, long seconds) {
        Time length = Time.seconds(seconds);
        return eventTime ? TumblingEventTimeWindows.of(length) : TumblingProcessingTimeWindows.of(length);
    }
}

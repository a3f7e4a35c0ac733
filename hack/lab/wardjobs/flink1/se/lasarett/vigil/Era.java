package se.lasarett.vigil;

import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.streaming.api.datastream.KeyedStream;
import org.apache.flink.streaming.api.datastream.WindowedStream;
import org.apache.flink.streaming.api.windowing.assigners.SlidingEventTimeWindows;
import org.apache.flink.streaming.api.windowing.assigners.TumblingEventTimeWindows;
import org.apache.flink.streaming.api.windowing.time.Time;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;

/** What Flink 1 calls by other names than the other one. */
final class Era {
    private Era() {}

    static int index(RuntimeContext context) {
        return context.getIndexOfThisSubtask();
    }

    static <T, K> WindowedStream<T, K, TimeWindow> tumbling(KeyedStream<T, K> stream, int size) {
        return stream.window(TumblingEventTimeWindows.of(Time.seconds(size)));
    }

    static <T, K> WindowedStream<T, K, TimeWindow> sliding(KeyedStream<T, K> stream, int size, int slide) {
        return stream.window(SlidingEventTimeWindows.of(Time.seconds(size), Time.seconds(slide)));
    }
}

package se.lasarett.vigil;

import java.time.Duration;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.streaming.api.datastream.KeyedStream;
import org.apache.flink.streaming.api.datastream.WindowedStream;
import org.apache.flink.streaming.api.windowing.assigners.SlidingEventTimeWindows;
import org.apache.flink.streaming.api.windowing.assigners.TumblingEventTimeWindows;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;

/** What Flink 2 calls by other names than the other one. */
final class Era {
    private Era() {}

    static int index(RuntimeContext context) {
        return context.getTaskInfo().getIndexOfThisSubtask();
    }

    static <T, K> WindowedStream<T, K, TimeWindow> tumbling(KeyedStream<T, K> stream, int size) {
        return stream.window(TumblingEventTimeWindows.of(Duration.ofSeconds(size)));
    }

    static <T, K> WindowedStream<T, K, TimeWindow> sliding(KeyedStream<T, K> stream, int size, int slide) {
        return stream.window(SlidingEventTimeWindows.of(Duration.ofSeconds(size), Duration.ofSeconds(slide)));
    }
}

package pl.spedmar.yard;

import java.time.Duration;
import org.apache.flink.streaming.api.datastream.KeyedStream;
import org.apache.flink.streaming.api.datastream.WindowedStream;
import org.apache.flink.streaming.api.windowing.assigners.EventTimeSessionWindows;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;

/** What generations of Flink say differently. */
final class Api {
    private Api() {}

    static <T, K> WindowedStream<T, K, TimeWindow> sessions(KeyedStream<T, K> stream, int gap) {
        return stream.window(EventTimeSessionWindows.withGap(Duration.ofSeconds(gap)));
    }
}

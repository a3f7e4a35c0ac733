package io.adstream;

import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.streaming.api.datastream.KeyedStream;
import org.apache.flink.streaming.api.windowing.assigners.EventTimeSessionWindows;
import org.apache.flink.streaming.api.windowing.assigners.SlidingEventTimeWindows;
import org.apache.flink.streaming.api.windowing.assigners.WindowAssigner;
import org.apache.flink.streaming.api.windowing.time.Time;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;

/** Times of windows and joins, as Flink 1 declares them. */
final class Spans {
    private Spans() {}

    static WindowAssigner<Object, TimeWindow> sliding(long seconds) {
        return SlidingEventTimeWindows.of(Time.seconds(seconds), Time.seconds(Math.max(1, seconds / 2)));
    }

    static WindowAssigner<Object, TimeWindow> session(long seconds) {
        return EventTimeSessionWindows.withGap(Time.seconds(seconds));
    }

    static KeyedStream.IntervalJoined<Tuple2<Integer, byte[]>, Tuple2<Integer, byte[]>, Integer> join(
            KeyedStream<Tuple2<Integer, byte[]>, Integer> bids, KeyedStream<Tuple2<Integer, byte[]>, Integer> wins, long seconds) {
        return bids.intervalJoin(wins).between(Time.seconds(-seconds), Time.seconds(0));
    }
}

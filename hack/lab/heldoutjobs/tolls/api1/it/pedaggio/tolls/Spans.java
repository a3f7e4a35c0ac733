package it.pedaggio.tolls;

import it.pedaggio.tolls.Road.Passage;
import it.pedaggio.tolls.Road.Trip;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.streaming.api.datastream.KeyedStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.datastream.WindowedStream;
import org.apache.flink.streaming.api.windowing.assigners.SlidingProcessingTimeWindows;
import org.apache.flink.streaming.api.windowing.time.Time;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;

/** How this Flink says spans of time, and what else it says otherwise than others. */
final class Spans {
    private Spans() {}

    static int subtask(RuntimeContext ctx) {
        return ctx.getIndexOfThisSubtask();
    }

    static <K> SingleOutputStreamOperator<Trip> joined(KeyedStream<Passage, K> entries, KeyedStream<Passage, K> exits, TripOf trip, long within) {
        return entries.intervalJoin(exits).between(Time.seconds(0), Time.seconds(within)).process(trip);
    }

    static <K> WindowedStream<Passage, K, TimeWindow> sliding(KeyedStream<Passage, K> passages, long length, long every) {
        return passages.window(SlidingProcessingTimeWindows.of(Time.seconds(length), Time.seconds(every)));
    }
}

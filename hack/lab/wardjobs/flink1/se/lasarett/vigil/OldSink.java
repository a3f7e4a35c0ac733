package se.lasarett.vigil;

import org.apache.flink.streaming.api.functions.sink.RichSinkFunction;

/** A sink as they were. */
abstract class OldSink<T> extends RichSinkFunction<T> {
    private static final long serialVersionUID = 5L;
}

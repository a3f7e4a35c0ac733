package it.pedaggio.tolls;

import org.apache.flink.streaming.api.functions.sink.RichSinkFunction;

/** A sink function, as they were before sinks with writers. */
abstract class PlainSink<T> extends RichSinkFunction<T> {
    private static final long serialVersionUID = 3L;
}

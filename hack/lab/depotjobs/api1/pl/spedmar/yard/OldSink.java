package pl.spedmar.yard;

import org.apache.flink.streaming.api.functions.sink.RichSinkFunction;

/** A sink that is called for each record. */
abstract class OldSink<T> extends RichSinkFunction<T> {
    private static final long serialVersionUID = 11L;
}

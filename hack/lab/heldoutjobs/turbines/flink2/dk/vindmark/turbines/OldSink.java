package dk.vindmark.turbines;

import org.apache.flink.streaming.api.functions.sink.legacy.RichSinkFunction;

/** A sink as they were before Sink V2. */
abstract class OldSink<T> extends RichSinkFunction<T> {
    private static final long serialVersionUID = 7L;
}

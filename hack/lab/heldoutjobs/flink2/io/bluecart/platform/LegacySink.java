package io.bluecart.platform;

import org.apache.flink.streaming.api.functions.sink.legacy.RichSinkFunction;

/** The sink interface from before Sink V2, where this Flink keeps it. */
public abstract class LegacySink<T> extends RichSinkFunction<T> {
    private static final long serialVersionUID = 1L;
}

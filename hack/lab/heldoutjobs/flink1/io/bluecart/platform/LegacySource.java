package io.bluecart.platform;

import org.apache.flink.streaming.api.functions.source.RichParallelSourceFunction;

/** The source interface from before FLIP-27, where this Flink keeps it. */
public abstract class LegacySource<T> extends RichParallelSourceFunction<T> {
    private static final long serialVersionUID = 1L;
}

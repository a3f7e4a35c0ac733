package pl.spedmar.yard;

import org.apache.flink.streaming.api.functions.source.RichParallelSourceFunction;

/** A source that runs until it is cancelled. */
abstract class OldSource<T> extends RichParallelSourceFunction<T> {
    private static final long serialVersionUID = 11L;
}

package se.lasarett.vigil;

import org.apache.flink.streaming.api.functions.source.RichParallelSourceFunction;

/** A source as they were. */
abstract class OldSource<T> extends RichParallelSourceFunction<T> {
    private static final long serialVersionUID = 5L;
}

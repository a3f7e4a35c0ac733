package dk.vindmark.turbines;

import org.apache.flink.streaming.api.functions.source.RichParallelSourceFunction;

/** A source as they were before FLIP-27. */
abstract class OldSource<T> extends RichParallelSourceFunction<T> {
    private static final long serialVersionUID = 7L;
}

package it.pedaggio.tolls;

import org.apache.flink.streaming.api.functions.source.legacy.RichSourceFunction;

/** A source function, as they were before sources with readers. */
abstract class TableSource<T> extends RichSourceFunction<T> {
    private static final long serialVersionUID = 3L;
}

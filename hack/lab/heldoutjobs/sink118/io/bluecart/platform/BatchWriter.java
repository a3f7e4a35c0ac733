package io.bluecart.platform;

import org.apache.flink.api.connector.sink2.TwoPhaseCommittingSink;

/** The writer of a two-phase sink, up to Flink 1.18. */
public abstract class BatchWriter<T> implements TwoPhaseCommittingSink.PrecommittingSinkWriter<T, String> {}

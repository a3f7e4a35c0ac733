package io.bluecart.platform;

import org.apache.flink.api.connector.sink2.CommittingSinkWriter;

/** The writer of a two-phase sink, from Flink 1.19 on. */
public abstract class BatchWriter<T> implements CommittingSinkWriter<T, String> {}

package com.northquay.quay;

import org.apache.flink.table.connector.ChangelogMode;
import org.apache.flink.table.connector.sink.DynamicTableSink;
import org.apache.flink.table.connector.sink.SinkV2Provider;

/** A table that is inserted into, with or without transactions. */
final class QuaySink implements DynamicTableSink {
    private final String name;
    private final boolean commit;

    QuaySink(String name, boolean commit) {
        this.name = name;
        this.commit = commit;
    }

    @Override
    public ChangelogMode getChangelogMode(ChangelogMode requested) {
        return requested;
    }

    @Override
    public SinkRuntimeProvider getSinkRuntimeProvider(Context context) {
        return commit ? SinkV2Provider.of(new TransactionSink(name)) : SinkV2Provider.of(new PlainSink(name));
    }

    @Override
    public DynamicTableSink copy() {
        return new QuaySink(name, commit);
    }

    @Override
    public String asSummaryString() {
        return "quay " + name;
    }
}

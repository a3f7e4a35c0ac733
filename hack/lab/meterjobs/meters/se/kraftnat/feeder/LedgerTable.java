package se.kraftnat.feeder;

import org.apache.flink.table.connector.ChangelogMode;
import org.apache.flink.table.connector.sink.DynamicTableSink;
import org.apache.flink.table.connector.sink.SinkV2Provider;

/** A ledger as a table, whose entries are posted when a checkpoint has completed, or are there at once. */
final class LedgerTable implements DynamicTableSink {
    private final String name;
    private final boolean sealed;

    LedgerTable(String name, boolean sealed) {
        this.name = name;
        this.sealed = sealed;
    }

    @Override
    public ChangelogMode getChangelogMode(ChangelogMode asked) {
        return asked;
    }

    @Override
    public SinkRuntimeProvider getSinkRuntimeProvider(Context context) {
        return SinkV2Provider.of(sealed ? new SealedLedger<>(name) : new OpenLedger<>(name));
    }

    @Override
    public DynamicTableSink copy() {
        return new LedgerTable(name, sealed);
    }

    @Override
    public String asSummaryString() {
        return "ledger " + name;
    }
}

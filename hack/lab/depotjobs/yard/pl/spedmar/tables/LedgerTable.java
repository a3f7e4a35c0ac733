package pl.spedmar.tables;

import org.apache.flink.table.connector.ChangelogMode;
import org.apache.flink.table.connector.sink.DynamicTableSink;
import org.apache.flink.table.connector.sink.SinkV2Provider;
import pl.spedmar.yard.Ledger;

/** A ledger that is inserted into. */
final class LedgerTable implements DynamicTableSink {
    private final String ledger;

    LedgerTable(String ledger) {
        this.ledger = ledger;
    }

    @Override
    public ChangelogMode getChangelogMode(ChangelogMode asked) {
        return ChangelogMode.insertOnly();
    }

    @Override
    public SinkRuntimeProvider getSinkRuntimeProvider(Context context) {
        return SinkV2Provider.of(new Ledger<>(ledger));
    }

    @Override
    public DynamicTableSink copy() {
        return new LedgerTable(ledger);
    }

    @Override
    public String asSummaryString() {
        return "ledger " + ledger;
    }
}

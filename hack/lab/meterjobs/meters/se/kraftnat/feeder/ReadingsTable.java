package se.kraftnat.feeder;

import org.apache.flink.table.connector.ChangelogMode;
import org.apache.flink.table.connector.source.DynamicTableSource;
import org.apache.flink.table.connector.source.ScanTableSource;
import org.apache.flink.table.connector.source.SourceProvider;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;

/** Readings as rows: meter, street, kwh, telegram, taken. */
final class ReadingsTable implements ScanTableSource {
    private final Shape shape;

    ReadingsTable(Shape shape) {
        this.shape = shape;
    }

    private static RowData row(Draft d) {
        return GenericRowData.of(StringData.fromString(d.meter), StringData.fromString(d.street), d.kwh, StringData.fromString(d.telegram),
                TimestampData.fromEpochMillis(d.taken));
    }

    @Override
    public ChangelogMode getChangelogMode() {
        return ChangelogMode.insertOnly();
    }

    @Override
    public ScanRuntimeProvider getScanRuntimeProvider(ScanContext context) {
        return SourceProvider.of(new Feed<>(shape, ReadingsTable::row));
    }

    @Override
    public DynamicTableSource copy() {
        return new ReadingsTable(shape);
    }

    @Override
    public String asSummaryString() {
        return "feeder of " + shape.name;
    }
}

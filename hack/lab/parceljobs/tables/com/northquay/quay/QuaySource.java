package com.northquay.quay;

import org.apache.flink.table.connector.ChangelogMode;
import org.apache.flink.table.connector.source.DynamicTableSource;
import org.apache.flink.table.connector.source.LookupTableSource;
import org.apache.flink.table.connector.source.ScanTableSource;
import org.apache.flink.table.connector.source.SourceProvider;
import org.apache.flink.table.connector.source.lookup.AsyncLookupFunctionProvider;
import org.apache.flink.table.connector.source.lookup.LookupFunctionProvider;

/** A table that is read: row by row as they come, or by its key. */
final class QuaySource implements ScanTableSource, LookupTableSource {
    private final Shape shape;

    QuaySource(Shape shape) {
        this.shape = shape;
    }

    @Override
    public ChangelogMode getChangelogMode() {
        return ChangelogMode.insertOnly();
    }

    @Override
    public ScanRuntimeProvider getScanRuntimeProvider(ScanContext context) {
        return SourceProvider.of(new Lanes(shape));
    }

    @Override
    public LookupRuntimeProvider getLookupRuntimeProvider(LookupContext context) {
        return shape.async ? AsyncLookupFunctionProvider.of(new TariffCall(shape.name)) : LookupFunctionProvider.of(new TariffQuery(shape.name));
    }

    @Override
    public DynamicTableSource copy() {
        return new QuaySource(shape);
    }

    @Override
    public String asSummaryString() {
        return "quay " + shape.name;
    }
}

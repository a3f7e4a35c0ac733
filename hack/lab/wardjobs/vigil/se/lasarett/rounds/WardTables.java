package se.lasarett.rounds;

import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;
import org.apache.flink.table.connector.ChangelogMode;
import org.apache.flink.table.connector.sink.DynamicTableSink;
import org.apache.flink.table.connector.sink.SinkV2Provider;
import org.apache.flink.table.connector.source.DynamicTableSource;
import org.apache.flink.table.connector.source.ScanTableSource;
import org.apache.flink.table.connector.source.SourceProvider;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.factories.DynamicTableSinkFactory;
import org.apache.flink.table.factories.DynamicTableSourceFactory;
import org.apache.flink.table.factories.FactoryUtil;
import se.lasarett.vigil.Args;
import se.lasarett.vigil.Charts;
import se.lasarett.vigil.Feed;
import se.lasarett.vigil.Reading;

/** Tables of feeds and of charts. */
public class WardTables implements DynamicTableSourceFactory, DynamicTableSinkFactory {
    private static final ConfigOption<String> NAME = ConfigOptions.key("name").stringType().noDefaultValue();
    private static final ConfigOption<String> ARGS = ConfigOptions.key("args").stringType().defaultValue("");

    @Override
    public String factoryIdentifier() {
        return "ward";
    }

    @Override
    public Set<ConfigOption<?>> requiredOptions() {
        return Set.of(NAME);
    }

    @Override
    public Set<ConfigOption<?>> optionalOptions() {
        return Set.of(ARGS);
    }

    @Override
    public DynamicTableSource createDynamicTableSource(Context context) {
        FactoryUtil.TableFactoryHelper helper = FactoryUtil.createTableFactoryHelper(this, context);
        return new FeedTable(helper.getOptions().get(NAME), helper.getOptions().get(ARGS));
    }

    @Override
    public DynamicTableSink createDynamicTableSink(Context context) {
        return new ChartTable(FactoryUtil.createTableFactoryHelper(this, context).getOptions().get(NAME));
    }

    static RowData row(Reading r) {
        return GenericRowData.of(r.patient, r.ward, r.pulse, StringData.fromString(new String(r.trace, StandardCharsets.ISO_8859_1)),
                TimestampData.fromEpochMillis(r.taken));
    }

    private static final class FeedTable implements ScanTableSource {
        private final String name;
        private final String args;

        FeedTable(String name, String args) {
            this.name = name;
            this.args = args;
        }

        @Override
        public ChangelogMode getChangelogMode() {
            return ChangelogMode.insertOnly();
        }

        @Override
        public ScanRuntimeProvider getScanRuntimeProvider(ScanContext context) {
            return SourceProvider.of(new Feed<RowData>(name, new Args(args.trim().split(" +")).all, WardTables::row));
        }

        @Override
        public DynamicTableSource copy() {
            return new FeedTable(name, args);
        }

        @Override
        public String asSummaryString() {
            return name;
        }
    }

    private static final class ChartTable implements DynamicTableSink {
        private final String name;

        ChartTable(String name) {
            this.name = name;
        }

        @Override
        public ChangelogMode getChangelogMode(ChangelogMode asked) {
            return asked;
        }

        @Override
        public SinkRuntimeProvider getSinkRuntimeProvider(Context context) {
            return SinkV2Provider.of(new Charts<RowData>(name));
        }

        @Override
        public DynamicTableSink copy() {
            return new ChartTable(name);
        }

        @Override
        public String asSummaryString() {
            return name;
        }
    }
}

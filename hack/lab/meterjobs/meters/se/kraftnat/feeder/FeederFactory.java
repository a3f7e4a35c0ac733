package se.kraftnat.feeder;

import java.util.Set;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.table.connector.sink.DynamicTableSink;
import org.apache.flink.table.connector.source.DynamicTableSource;
import org.apache.flink.table.factories.DynamicTableSinkFactory;
import org.apache.flink.table.factories.DynamicTableSourceFactory;
import org.apache.flink.table.factories.FactoryUtil;

/** {@code 'connector' = 'feeder'}: readings of meters, and ledgers. */
public final class FeederFactory implements DynamicTableSourceFactory, DynamicTableSinkFactory {
    private static final ConfigOption<String> NAME = ConfigOptions.key("name").stringType().noDefaultValue();
    private static final ConfigOption<Integer> RATE = ConfigOptions.key("rate").intType().defaultValue(100);
    private static final ConfigOption<Integer> METERS = ConfigOptions.key("meters").intType().defaultValue(500);
    private static final ConfigOption<Integer> STREETS = ConfigOptions.key("streets").intType().defaultValue(80);
    private static final ConfigOption<Integer> HOT = ConfigOptions.key("hot").intType().defaultValue(0);
    private static final ConfigOption<Integer> BYTES = ConfigOptions.key("bytes").intType().defaultValue(40);
    private static final ConfigOption<Boolean> SEALED = ConfigOptions.key("sealed").booleanType().defaultValue(false);

    @Override
    public String factoryIdentifier() {
        return "feeder";
    }

    @Override
    public Set<ConfigOption<?>> requiredOptions() {
        return Set.of(NAME);
    }

    @Override
    public Set<ConfigOption<?>> optionalOptions() {
        return Set.of(RATE, METERS, STREETS, HOT, BYTES, SEALED);
    }

    private ReadableConfig options(Context context) {
        FactoryUtil.TableFactoryHelper helper = FactoryUtil.createTableFactoryHelper(this, context);
        helper.validate();
        return helper.getOptions();
    }

    @Override
    public DynamicTableSource createDynamicTableSource(Context context) {
        ReadableConfig options = options(context);
        Shape shape = new Shape();
        shape.name = options.get(NAME);
        shape.rate = options.get(RATE);
        shape.meters = options.get(METERS);
        shape.streets = options.get(STREETS);
        shape.hot = options.get(HOT);
        shape.bytes = options.get(BYTES);
        return new ReadingsTable(shape);
    }

    @Override
    public DynamicTableSink createDynamicTableSink(Context context) {
        ReadableConfig options = options(context);
        return new LedgerTable(options.get(NAME), options.get(SEALED));
    }
}

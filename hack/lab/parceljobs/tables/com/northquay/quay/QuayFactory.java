package com.northquay.quay;

import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Set;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;
import org.apache.flink.table.connector.sink.DynamicTableSink;
import org.apache.flink.table.connector.source.DynamicTableSource;
import org.apache.flink.table.factories.DynamicTableSinkFactory;
import org.apache.flink.table.factories.DynamicTableSourceFactory;
import org.apache.flink.table.factories.FactoryUtil;

/** {@code 'connector' = 'quay'}: tables of the depots, to scan, to look up and to insert into. */
public final class QuayFactory implements DynamicTableSourceFactory, DynamicTableSinkFactory {
    static final ConfigOption<String> NAME = ConfigOptions.key("name").stringType().noDefaultValue();
    static final ConfigOption<Integer> RATE = ConfigOptions.key("rate").intType().defaultValue(200);
    static final ConfigOption<Integer> PARCELS = ConfigOptions.key("parcels").intType().defaultValue(1000);
    static final ConfigOption<Integer> DEPOTS = ConfigOptions.key("depots").intType().defaultValue(200);
    static final ConfigOption<Integer> HOT = ConfigOptions.key("hot").intType().defaultValue(0);
    static final ConfigOption<Integer> NOTE = ConfigOptions.key("note").intType().defaultValue(48);
    static final ConfigOption<Boolean> ASYNC = ConfigOptions.key("async").booleanType().defaultValue(false);
    static final ConfigOption<Boolean> COMMIT = ConfigOptions.key("commit").booleanType().defaultValue(false);

    @Override
    public String factoryIdentifier() {
        return "quay";
    }

    @Override
    public Set<ConfigOption<?>> requiredOptions() {
        return Collections.singleton(NAME);
    }

    @Override
    public Set<ConfigOption<?>> optionalOptions() {
        Set<ConfigOption<?>> all = new LinkedHashSet<>();
        Collections.addAll(all, RATE, PARCELS, DEPOTS, HOT, NOTE, ASYNC, COMMIT);
        return all;
    }

    @Override
    public DynamicTableSource createDynamicTableSource(Context context) {
        FactoryUtil.TableFactoryHelper helper = FactoryUtil.createTableFactoryHelper(this, context);
        helper.validate();
        return new QuaySource(Shape.of(helper.getOptions()));
    }

    @Override
    public DynamicTableSink createDynamicTableSink(Context context) {
        FactoryUtil.TableFactoryHelper helper = FactoryUtil.createTableFactoryHelper(this, context);
        helper.validate();
        return new QuaySink(helper.getOptions().get(NAME), helper.getOptions().get(COMMIT));
    }
}

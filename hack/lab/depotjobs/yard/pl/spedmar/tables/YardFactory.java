package pl.spedmar.tables;

import java.util.Set;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;
import org.apache.flink.table.connector.sink.DynamicTableSink;
import org.apache.flink.table.connector.source.DynamicTableSource;
import org.apache.flink.table.factories.DynamicTableSinkFactory;
import org.apache.flink.table.factories.DynamicTableSourceFactory;
import org.apache.flink.table.factories.FactoryUtil;
import pl.spedmar.yard.Board;

/** {@code 'connector' = 'yard'}: feeds and ledgers of the yards as tables. */
public final class YardFactory implements DynamicTableSourceFactory, DynamicTableSinkFactory {
    private static final ConfigOption<String> FEED = ConfigOptions.key("feed").stringType().defaultValue("");
    private static final ConfigOption<String> LEDGER = ConfigOptions.key("ledger").stringType().defaultValue("");
    private static final ConfigOption<Integer> RATE = ConfigOptions.key("rate").intType().defaultValue(40);
    private static final ConfigOption<Integer> TRUCKS = ConfigOptions.key("trucks").intType().defaultValue(400);
    private static final ConfigOption<Integer> DOCKS = ConfigOptions.key("docks").intType().defaultValue(40);
    private static final ConfigOption<Integer> HOT = ConfigOptions.key("hot").intType().defaultValue(0);
    private static final ConfigOption<Integer> BYTES = ConfigOptions.key("bytes").intType().defaultValue(60);

    @Override
    public String factoryIdentifier() {
        return "yard";
    }

    @Override
    public Set<ConfigOption<?>> requiredOptions() {
        return Set.of();
    }

    @Override
    public Set<ConfigOption<?>> optionalOptions() {
        return Set.of(FEED, LEDGER, RATE, TRUCKS, DOCKS, HOT, BYTES);
    }

    @Override
    public DynamicTableSource createDynamicTableSource(Context context) {
        FactoryUtil.TableFactoryHelper helper = FactoryUtil.createTableFactoryHelper(this, context);
        helper.validate();
        Board board = new Board(helper.getOptions().get(FEED));
        board.rate = helper.getOptions().get(RATE);
        board.trucks = helper.getOptions().get(TRUCKS);
        board.docks = helper.getOptions().get(DOCKS);
        board.hot = helper.getOptions().get(HOT);
        board.bytes = helper.getOptions().get(BYTES);
        return new FeedTable(board);
    }

    @Override
    public DynamicTableSink createDynamicTableSink(Context context) {
        FactoryUtil.TableFactoryHelper helper = FactoryUtil.createTableFactoryHelper(this, context);
        helper.validate();
        return new LedgerTable(helper.getOptions().get(LEDGER));
    }
}

package gov.rivertown.permits;

import com.acme.feed.Options;
import java.util.Collections;
import java.util.Set;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.DataStreamSink;
import org.apache.flink.table.connector.ChangelogMode;
import org.apache.flink.table.connector.ProviderContext;
import org.apache.flink.table.connector.sink.DataStreamSinkProvider;
import org.apache.flink.table.connector.sink.DynamicTableSink;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.factories.DynamicTableFactory;
import org.apache.flink.table.factories.DynamicTableSinkFactory;
import org.apache.flink.table.factories.FactoryUtil;

/** The connector 'register'. sink: writer, function (Flink 1 only), stamped (with a committer) or keep (an operator with state before the writer). */
public final class Register implements DynamicTableSinkFactory {
    private static final ConfigOption<String> OPTIONS = ConfigOptions.key("options").stringType().noDefaultValue();

    @Override
    public String factoryIdentifier() {
        return "register";
    }

    @Override
    public Set<ConfigOption<?>> requiredOptions() {
        return Collections.singleton(OPTIONS);
    }

    @Override
    public Set<ConfigOption<?>> optionalOptions() {
        return Collections.emptySet();
    }

    @Override
    public DynamicTableSink createDynamicTableSink(DynamicTableFactory.Context ctx) {
        String text = FactoryUtil.createTableFactoryHelper(this, ctx).getOptions().get(OPTIONS);
        return new Book(Options.of(text.split(" ")));
    }

    private static final class Book implements DynamicTableSink {
        private final Options options;

        Book(Options options) {
            this.options = options;
        }

        @Override
        public ChangelogMode getChangelogMode(ChangelogMode asked) {
            return ChangelogMode.all();
        }

        @Override
        public SinkRuntimeProvider getSinkRuntimeProvider(Context ctx) {
            if (!options.text("sink", "writer").equals("keep")) {
                return Entries.provider(options);
            }
            return new DataStreamSinkProvider() {
                @Override
                public DataStreamSink<?> consumeDataStream(ProviderContext provider, DataStream<RowData> rows) {
                    return rows.process(new Keep(options)).returns(rows.getType()).name("keep").uid("keep").sinkTo(Entries.sink(options));
                }
            };
        }

        @Override
        public DynamicTableSink copy() {
            return new Book(options);
        }

        @Override
        public String asSummaryString() {
            return "register";
        }
    }
}

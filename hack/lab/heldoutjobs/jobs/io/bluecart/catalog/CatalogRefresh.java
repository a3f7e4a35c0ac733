package io.bluecart.catalog;

import io.bluecart.platform.Event;
import io.bluecart.platform.Feed;
import io.bluecart.platform.LedgerSink;
import io.bluecart.platform.Options;
import io.bluecart.platform.Profiles;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.co.CoProcessFunction;
import org.apache.flink.util.Collector;

/** The catalogue of a database, read by an old-style source, beside price changes from a feed. */
public final class CatalogRefresh {
    private CatalogRefresh() {}

    public static void main(String[] argv) throws Exception {
        Options options = new Options(argv);
        StreamExecutionEnvironment env = options.environment();
        DataStream<Event> catalog = env.addSource(new CatalogTable(options), "catalog table", TypeInformation.of(Event.class))
                .setParallelism(options.number("catalog-parallelism", 1)).uid("catalog");
        Feed.stream(env, "prices", options).keyBy(Event::key)
                .connect(catalog.keyBy(Event::key))
                .process(new Merge()).name("merge").uid("merge")
                .keyBy(Event::key)
                .process(new Profiles("items", options)).name("items").uid("items")
                .rebalance().sinkTo(new LedgerSink("search")).name("search index").uid("search");
        env.execute(options.text("name", "catalog-refresh"));
    }

    private static final class Merge extends CoProcessFunction<Event, Event, Event> {
        private static final long serialVersionUID = 1L;

        @Override
        public void processElement1(Event e, Context ctx, Collector<Event> out) {
            out.collect(e);
        }

        @Override
        public void processElement2(Event e, Context ctx, Collector<Event> out) {
            out.collect(e);
        }
    }
}

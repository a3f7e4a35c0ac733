package org.example.pipeline;

import java.util.HashMap;
import java.util.Map;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeHint;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * A job whose checkpoints can be made slow, stuck or failing: source, keyBy, state, rebalance, sink.
 *
 * <p>Arguments come in pairs, {@code --name value}; a later pair of the same name wins; {@code -D key=value} sets Flink
 * configuration in the job's own code. Only API that 1.17 to 2.3 have in common is used, so the sources compile against each.
 */
public final class EventPipeline {

    static final TypeInformation<Tuple2<Integer, byte[]>> EVENT =
            TypeInformation.of(new TypeHint<Tuple2<Integer, byte[]>>() {});

    private EventPipeline() {}

    public static void main(String[] argv) throws Exception {
        Map<String, String> args = new HashMap<>();
        Configuration conf = new Configuration();
        for (int i = 0; i + 1 < argv.length; i += 2) {
            if (argv[i].equals("-D")) {
                String[] pair = argv[i + 1].split("=", 2);
                conf.setString(pair[0], pair[1]);
            } else {
                args.put(argv[i].replaceFirst("^--", ""), argv[i + 1]);
            }
        }
        Settings settings = new Settings(args);
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment(conf);
        env.setParallelism((int) settings.number("parallelism", 2));
        if (!settings.on("chain")) {
            env.disableOperatorChaining();
        }
        build(env, settings);
        env.execute(settings.text("name", "event-pipeline"));
    }

    private static void build(StreamExecutionEnvironment env, Settings settings) {
        DataStream<Tuple2<Integer, byte[]>> events = source(env, "events", settings);
        String finite = settings.text("finished-records", "0");
        if (!finite.equals("0")) {
            events = events.union(source(env, "bootstrap", settings.with("records", finite)));
        }
        events.keyBy(e -> e.f0, Types.INT)
                .process(new ProfileUpdate(settings), EVENT).name("profiles").uid("profiles")
                .rebalance()
                .transform("delivery", Types.INT, new Delivery(settings)).uid("delivery");
    }

    private static DataStream<Tuple2<Integer, byte[]>> source(StreamExecutionEnvironment env, String name, Settings settings) {
        return env.fromSource(new EventSource(settings), WatermarkStrategy.noWatermarks(), name, EVENT).uid(name);
    }
}

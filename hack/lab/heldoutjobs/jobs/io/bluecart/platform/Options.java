package io.bluecart.platform;

import java.io.Serializable;
import java.util.HashMap;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** Arguments of a job, in pairs; a later pair of the same name wins. */
public final class Options implements Serializable {
    private static final long serialVersionUID = 1L;

    private final HashMap<String, String> pairs = new HashMap<>();

    public Options(String[] argv) {
        for (int i = 0; i + 1 < argv.length; i += 2) {
            pairs.put(argv[i].replaceFirst("^--", ""), argv[i + 1]);
        }
    }

    public int number(String name, int otherwise) {
        String v = pairs.get(name);
        return v == null ? otherwise : Integer.parseInt(v);
    }

    public String text(String name, String otherwise) {
        return pairs.getOrDefault(name, otherwise);
    }

    public StreamExecutionEnvironment environment() {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment(new Configuration());
        env.setParallelism(number("parallelism", 2));
        return env;
    }
}

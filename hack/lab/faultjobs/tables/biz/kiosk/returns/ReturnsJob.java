package biz.kiosk.returns;

import java.util.HashMap;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;

/** Sales and what came back, joined by kiosk in SQL; nothing is ever forgotten. rate: rows per second in all, of each side. kiosks: how many. fee-us: for each pair. */
public final class ReturnsJob {
    private ReturnsJob() {}

    public static void main(String[] argv) {
        HashMap<String, String> args = new HashMap<>();
        for (int i = 0; i + 1 < argv.length; i += 2) {
            args.put(argv[i].replaceFirst("^--", ""), argv[i + 1]);
        }
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setParallelism(Integer.parseInt(args.getOrDefault("parallelism", "2")));
        StreamTableEnvironment tables = StreamTableEnvironment.create(env);
        tables.createTemporarySystemFunction("FEE", new Fee(Long.parseLong(args.getOrDefault("fee-us", "0"))));
        for (String side : new String[] {"sold", "returned"}) {
            tables.executeSql("CREATE TABLE " + side + " (kiosk INT, price BIGINT) WITH ('connector' = 'datagen', 'rows-per-second' = '"
                    + args.getOrDefault("rate", "100") + "', 'fields.kiosk.min' = '0', 'fields.kiosk.max' = '" + args.getOrDefault("kiosks", "50")
                    + "', 'fields.price.min' = '1', 'fields.price.max' = '900000')");
        }
        tables.executeSql("CREATE TABLE net (kiosk INT, price BIGINT) WITH ('connector' = 'blackhole')");
        tables.executeSql("INSERT INTO net SELECT s.kiosk, FEE(s.price - r.price) FROM sold s JOIN returned r ON s.kiosk = r.kiosk");
    }
}

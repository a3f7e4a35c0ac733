package biz.kiosk.sales;

import java.util.HashMap;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;

/**
 * Sales by kiosk in SQL, taxed by a function of the user's. rate: rows per second in all. kiosks: how many. tax-call-ms: how long the function waits
 * with every tax-every-th row, in place before (of the source's task) or behind the sum (behind: 1). from-s: since when.
 */
public final class SalesJob {
    private SalesJob() {}

    public static void main(String[] argv) {
        HashMap<String, String> args = new HashMap<>();
        for (int i = 0; i + 1 < argv.length; i += 2) {
            args.put(argv[i].replaceFirst("^--", ""), argv[i + 1]);
        }
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setParallelism(Integer.parseInt(args.getOrDefault("parallelism", "2")));
        StreamTableEnvironment tables = StreamTableEnvironment.create(env);
        tables.createTemporarySystemFunction("TAXED", new Taxed(args));
        tables.executeSql("CREATE TABLE sales (kiosk INT, price BIGINT) WITH ('connector' = 'datagen', 'rows-per-second' = '" + args.getOrDefault("rate", "200")
                + "', 'fields.kiosk.min' = '0', 'fields.kiosk.max' = '" + args.getOrDefault("kiosks", "50") + "', 'fields.price.min' = '1', 'fields.price.max' = '900')");
        tables.executeSql("CREATE TABLE totals (kiosk INT, total BIGINT) WITH ('connector' = 'blackhole')");
        tables.executeSql(args.getOrDefault("behind", "0").equals("1")
                ? "INSERT INTO totals SELECT kiosk, TAXED(total) FROM (SELECT kiosk, SUM(price) AS total FROM sales GROUP BY kiosk)"
                : "INSERT INTO totals SELECT kiosk, SUM(TAXED(price)) FROM sales GROUP BY kiosk");
    }
}

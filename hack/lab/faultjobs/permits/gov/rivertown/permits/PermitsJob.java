package gov.rivertown.permits;

import com.acme.feed.Options;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;

/**
 * Permits in SQL. rate: rows a second in all, of so many offices. shape: rows (as they come), sums (by office, tally-us with each row), windows (of span-s seconds). moved-from, moved-to:
 * the share of one office. What a desk of the register does: {@link Desk}.
 */
public final class PermitsJob {
    private PermitsJob() {}

    public static void main(String[] argv) {
        Options options = Options.of(argv);
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setParallelism((int) options.number("parallelism", 2));
        if (options.number("chain", 1) == 0) {
            env.disableOperatorChaining();
        }
        StreamTableEnvironment tables = StreamTableEnvironment.create(env);
        tables.createTemporarySystemFunction("TALLY", new Tally(options.number("tally-us", 0)));
        tables.createTemporarySystemFunction("MOVED", new Moved(options));
        tables.executeSql("CREATE TABLE filed (office INT, fee BIGINT, note STRING, filed_at AS PROCTIME()) WITH ('connector' = 'datagen', 'rows-per-second' = '" + options.text("rate", "100")
                + "', 'fields.office.min' = '0', 'fields.office.max' = '" + options.text("offices", "40") + "', 'fields.fee.min' = '1', 'fields.fee.max' = '700', 'fields.note.length' = '"
                + options.text("note", "20") + "')");
        tables.executeSql("CREATE TABLE book (office INT, fee BIGINT, note STRING) WITH ('connector' = 'register', 'options' = '" + String.join(" ", argv) + "')");
        tables.executeSql("INSERT INTO book " + query(options));
    }

    private static String query(Options options) {
        switch (options.text("shape", "rows")) {
            case "sums":
                return "SELECT office, TALLY(fee), MAX(note) FROM (SELECT MOVED(office) AS office, fee, note FROM filed) GROUP BY office";
            case "windows":
                return "SELECT office, SUM(fee), MAX(note) FROM TABLE(TUMBLE(TABLE filed, DESCRIPTOR(filed_at), INTERVAL '" + options.text("span-s", "2")
                        + "' SECOND)) GROUP BY office, window_start, window_end";
            default:
                return "SELECT office, fee * 119 / 100, note FROM filed WHERE fee > 2";
        }
    }
}

package se.lasarett.rounds;

import java.util.Map;
import java.util.stream.Collectors;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.api.StatementSet;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;
import se.lasarett.vigil.Args;

/** The rounds of the wards in SQL: how bad each vital sign is for where the patient lies, and how full the wards are. */
public class WardRounds {
    private static final String COLUMNS = "(patient INT, ward INT, pulse DOUBLE, diagnosis STRING, taken TIMESTAMP(3), "
            + "WATERMARK FOR taken AS taken - INTERVAL '1' SECOND)";

    public static void main(String[] words) throws Exception {
        Args args = new Args(words);
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setParallelism(args.number("parallelism", 1));
        StreamTableEnvironment sql = StreamTableEnvironment.create(env);
        sql.getConfig().set("table.exec.source.idle-timeout", "4 s");
        sql.getConfig().set("pipeline.name", "ward-rounds");
        sql.createTemporarySystemFunction("severity", new Severity());
        for (String feed : new String[] {"vitals", "stays"}) {
            sql.executeSql("CREATE TABLE " + feed + COLUMNS + with(feed, args.all));
        }
        sql.executeSql("CREATE TABLE scores (patient INT, ward INT, score DOUBLE)" + with("scores", Map.of()));
        sql.executeSql("CREATE TABLE occupancy (ward INT, since TIMESTAMP(3), signs BIGINT, pulse DOUBLE)" + with("occupancy", Map.of()));
        sql.executeSql("CREATE VIEW beds AS SELECT patient, ward, diagnosis, taken FROM ("
                + "SELECT *, ROW_NUMBER() OVER (PARTITION BY patient ORDER BY taken DESC) AS nth FROM stays) WHERE nth = 1");
        StatementSet all = sql.createStatementSet();
        all.addInsertSql("INSERT INTO scores SELECT v.patient, b.ward, severity(v.patient, v.pulse, b.diagnosis) FROM vitals AS v "
                + "LEFT JOIN beds FOR SYSTEM_TIME AS OF v.taken AS b ON v.patient = b.patient");
        all.addInsertSql("INSERT INTO occupancy SELECT ward, window_start, COUNT(*), AVG(pulse) FROM TABLE("
                + "TUMBLE(TABLE vitals, DESCRIPTOR(taken), INTERVAL '5' SECOND)) GROUP BY ward, window_start, window_end");
        all.execute();
    }

    private static String with(String name, Map<String, String> args) {
        return " WITH ('connector' = 'ward', 'name' = '" + name + "', 'args' = '"
                + args.entrySet().stream().map(e -> "--" + e.getKey() + " " + e.getValue()).collect(Collectors.joining(" ")) + "')";
    }
}

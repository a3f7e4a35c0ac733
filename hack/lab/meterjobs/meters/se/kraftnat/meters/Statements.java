package se.kraftnat.meters;

import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.api.StatementSet;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;
import se.kraftnat.feeder.Shape;

/** A job in SQL: its tables, its functions, and the statements that run together. */
final class Statements {
    private final StreamTableEnvironment tables;
    private final StatementSet together;
    private final Plan plan;

    Statements(String name, Plan plan) {
        this.plan = plan;
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setParallelism(plan.number("parallelism", 2));
        tables = StreamTableEnvironment.create(env);
        tables.getConfig().set("pipeline.name", name);
        tables.getConfig().set("table.exec.state.ttl", plan.text("ttl", "90 s"));
        tables.createTemporarySystemFunction("registers", Registers.class);
        tables.createTemporarySystemFunction("scaled", Scaled.class);
        tables.createTemporarySystemFunction("period", Period.class);
        together = tables.createStatementSet();
    }

    void feed(String name) {
        Shape s = plan.feed(name);
        tables.executeSql("CREATE TEMPORARY TABLE " + name + " (meter STRING, street STRING, kwh DOUBLE, telegram STRING, taken TIMESTAMP(3),"
                + " WATERMARK FOR taken AS taken) WITH ('connector' = 'feeder', 'name' = '" + name + "', 'rate' = '" + s.rate + "', 'meters' = '" + s.meters
                + "', 'streets' = '" + s.streets + "', 'hot' = '" + s.hot + "', 'bytes' = '" + s.bytes + "')");
    }

    void ledger(String name, String columns, boolean sealed) {
        tables.executeSql("CREATE TEMPORARY TABLE " + name + " (" + columns + ") WITH ('connector' = 'feeder', 'name' = '" + name + "', 'sealed' = '"
                + sealed + "')");
    }

    void view(String name, String query) {
        tables.executeSql("CREATE TEMPORARY VIEW " + name + " AS " + query);
    }

    void insert(String statement) {
        together.addInsertSql(statement);
    }

    void run() {
        together.execute();
    }
}

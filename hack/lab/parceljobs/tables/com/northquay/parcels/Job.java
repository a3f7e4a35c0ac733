package com.northquay.parcels;

import java.util.HashMap;
import java.util.Map;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.api.StatementSet;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;

/** What the jobs have in common: arguments in pairs, and tables of the depots. */
final class Job {
    static final String ROWS = "(parcel STRING, depot STRING, weight BIGINT, note STRING, ts TIMESTAMP(3)";

    final StreamTableEnvironment tables;
    private final Map<String, String> arguments = new HashMap<>();
    private final StatementSet statements;

    Job(String name, String[] args) {
        for (int i = 0; i + 1 < args.length; i += 2) {
            arguments.put(args[i].substring(2), args[i + 1]);
        }
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setParallelism(Integer.parseInt(argument("parallelism", "2")));
        tables = StreamTableEnvironment.create(env);
        tables.getConfig().set("pipeline.name", name);
        tables.createTemporarySystemFunction("quote", Quote.class);
        tables.createTemporarySystemFunction("journal", Journal.class);
        statements = tables.createStatementSet();
    }

    String argument(String name, String otherwise) {
        return arguments.getOrDefault(name, otherwise);
    }

    /** A table that is read. Its shape may be given for it alone ({@code --scans-rate}) or for all ({@code --rate}). */
    void feed(String name, String more) {
        StringBuilder with = new StringBuilder("'connector' = 'quay', 'name' = '" + name + "'");
        for (String option : new String[] {"rate", "parcels", "depots", "hot", "note", "async"}) {
            String value = argument(name + "-" + option, argument(option, null));
            if (value != null) {
                with.append(", '").append(option).append("' = '").append(value).append("'");
            }
        }
        tables.executeSql("CREATE TEMPORARY TABLE " + name + " " + ROWS + more + ") WITH (" + with + ")");
    }

    /** A table that is inserted into. */
    void target(String name, String columns, boolean commit) {
        tables.executeSql("CREATE TEMPORARY TABLE " + name + " (" + columns + ") WITH ('connector' = 'quay', 'name' = '" + name + "', 'commit' = '" + commit + "')");
    }

    void view(String name, String query) {
        tables.executeSql("CREATE TEMPORARY VIEW " + name + " AS " + query);
    }

    void insert(String statement) {
        statements.addInsertSql(statement);
    }

    void run() {
        statements.execute();
    }
}

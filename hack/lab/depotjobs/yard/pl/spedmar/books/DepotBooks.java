package pl.spedmar.books;

import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.api.StatementSet;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;
import pl.spedmar.yard.Board;
import pl.spedmar.yard.Orders;

/** Arrivals and pickups of a truck within some seconds are a handover; what a dock took in its last arrivals is its load. */
public final class DepotBooks {
    private DepotBooks() {}

    public static void main(String[] args) {
        Orders orders = new Orders(args);
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setParallelism(orders.number("parallelism", 2));
        StreamTableEnvironment tables = StreamTableEnvironment.create(env);
        tables.getConfig().set("pipeline.name", "depot-books");
        tables.createTemporarySystemFunction("duty", Duty.class);
        for (String feed : new String[] {"arrivals", "pickups"}) {
            Board b = orders.board(feed);
            tables.executeSql("CREATE TEMPORARY TABLE " + feed + " (truck BIGINT, dock INT, weight BIGINT, papers BYTES, seen TIMESTAMP(3), "
                    + "WATERMARK FOR seen AS seen - INTERVAL '1' SECOND) WITH ('connector' = 'yard', 'feed' = '" + feed + "', 'rate' = '" + b.rate
                    + "', 'trucks' = '" + b.trucks + "', 'docks' = '" + b.docks + "', 'hot' = '" + b.hot + "', 'bytes' = '" + b.bytes + "')");
        }
        tables.executeSql("CREATE TEMPORARY TABLE handovers (truck BIGINT, dock INT, due BIGINT, papers BYTES) WITH ('connector' = 'yard', 'ledger' = 'handovers')");
        tables.executeSql("CREATE TEMPORARY TABLE loads (dock INT, seen TIMESTAMP(3), first_weight BIGINT, weight BIGINT, n BIGINT) "
                + "WITH ('connector' = 'yard', 'ledger' = 'loads')");
        StatementSet all = tables.createStatementSet();
        all.addInsertSql("INSERT INTO handovers SELECT a.truck, a.dock, duty(a.weight + p.weight), a.papers FROM arrivals a JOIN pickups p ON a.truck = p.truck"
                + " AND p.seen BETWEEN a.seen - INTERVAL '" + span(orders.number("within", 4)) + " AND a.seen");
        all.addInsertSql("INSERT INTO loads SELECT dock, seen, FIRST_VALUE(weight) OVER w, SUM(weight) OVER w, COUNT(*) OVER w FROM arrivals"
                + " WINDOW w AS (PARTITION BY " + orders.text("group", "dock") + " ORDER BY seen ROWS BETWEEN " + orders.number("last", 12)
                + " PRECEDING AND CURRENT ROW)");
        all.execute();
    }

    /** SQL takes no more than 99 seconds. */
    private static String span(int seconds) {
        return seconds < 99 ? seconds + "' SECOND" : seconds / 60 + "' MINUTE";
    }
}

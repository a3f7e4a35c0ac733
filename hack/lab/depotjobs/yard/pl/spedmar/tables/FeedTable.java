package pl.spedmar.tables;

import org.apache.flink.table.connector.ChangelogMode;
import org.apache.flink.table.connector.source.DynamicTableSource;
import org.apache.flink.table.connector.source.ScanTableSource;
import org.apache.flink.table.connector.source.SourceProvider;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.TimestampData;
import pl.spedmar.yard.Board;
import pl.spedmar.yard.DoorSource;
import pl.spedmar.yard.Move;

/** A feed as rows: truck, dock, weight, papers, seen. */
final class FeedTable implements ScanTableSource {
    private final Board board;

    FeedTable(Board board) {
        this.board = board;
    }

    private static RowData row(Move m) {
        return GenericRowData.of(m.truck, m.dock, m.weight, m.papers, TimestampData.fromEpochMillis(m.at));
    }

    @Override
    public ChangelogMode getChangelogMode() {
        return ChangelogMode.insertOnly();
    }

    @Override
    public ScanRuntimeProvider getScanRuntimeProvider(ScanContext context) {
        return SourceProvider.of(new DoorSource<>(board, FeedTable::row));
    }

    @Override
    public DynamicTableSource copy() {
        return new FeedTable(board);
    }

    @Override
    public String asSummaryString() {
        return "feed " + board.name;
    }
}

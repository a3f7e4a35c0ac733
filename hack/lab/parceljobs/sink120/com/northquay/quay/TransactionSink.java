package com.northquay.quay;

import java.io.IOException;
import java.util.Collection;
import java.util.List;
import org.apache.flink.api.connector.sink2.Committer;
import org.apache.flink.api.connector.sink2.CommitterInitContext;
import org.apache.flink.api.connector.sink2.CommittingSinkWriter;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SupportsCommitter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.table.data.RowData;

/** Rows that the readers of the table see once their transaction has been committed. */
public final class TransactionSink implements Sink<RowData>, SupportsCommitter<String> {
    private static final long serialVersionUID = 1L;

    private final String name;

    public TransactionSink(String name) {
        this.name = name;
    }

    @Override
    public CommittingSinkWriter<RowData, String> createWriter(InitContext context) {
        throw new UnsupportedOperationException("this Flink calls the other one");
    }

    @Override
    public Writer createWriter(WriterInitContext context) {
        return new Writer(new Shipment(name, context.getTaskInfo().getIndexOfThisSubtask()));
    }

    @Override
    public Committer<String> createCommitter(CommitterInitContext context) {
        return new Transactions(name);
    }

    @Override
    public SimpleVersionedSerializer<String> getCommittableSerializer() {
        return new Transactions.Names();
    }

    /** Writes into the open transaction. */
    public static final class Writer implements CommittingSinkWriter<RowData, String> {
        private final Shipment shipment;

        Writer(Shipment shipment) {
            this.shipment = shipment;
        }

        @Override
        public void write(RowData row, Context context) throws IOException {
            shipment.row();
        }

        @Override
        public void flush(boolean endOfInput) throws IOException, InterruptedException {
            shipment.flush();
        }

        @Override
        public Collection<String> prepareCommit() {
            return List.of(shipment.transaction());
        }

        @Override
        public void close() {}
    }
}

package com.northquay.quay;

import java.io.IOException;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.table.data.RowData;

/** Rows go out as they come; what is left goes with the checkpoint. */
public final class PlainSink implements Sink<RowData> {
    private static final long serialVersionUID = 1L;

    private final String name;

    public PlainSink(String name) {
        this.name = name;
    }

    @Override
    public SinkWriter<RowData> createWriter(InitContext context) {
        throw new UnsupportedOperationException("this Flink calls the other one");
    }

    @Override
    public SinkWriter<RowData> createWriter(WriterInitContext context) {
        return new Writer(new Shipment(name, context.getTaskInfo().getIndexOfThisSubtask()));
    }

    private static final class Writer implements SinkWriter<RowData> {
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
        public void close() {}
    }
}

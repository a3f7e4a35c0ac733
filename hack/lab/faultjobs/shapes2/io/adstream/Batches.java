package io.adstream;

import com.acme.feed.Options;
import java.io.IOException;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.api.java.tuple.Tuple2;

/** A sink that writes batches, as Flink 2 declares it. */
final class Batches implements Sink<Tuple2<Integer, byte[]>> {
    private static final long serialVersionUID = 1L;

    private final Options options;

    Batches(Options options) {
        this.options = options;
    }

    @Override
    public SinkWriter<Tuple2<Integer, byte[]>> createWriter(WriterInitContext ctx) {
        Batch batch = new Batch(options);
        return new SinkWriter<>() {
            @Override
            public void write(Tuple2<Integer, byte[]> bid, Context at) throws IOException {
                batch.add();
            }

            @Override
            public void flush(boolean endOfInput) throws IOException {
                batch.send();
            }

            @Override
            public void close() {}
        };
    }
}

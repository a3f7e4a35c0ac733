package dk.vindmark.turbines;

import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;

/** A sink of the new kind, without committer. */
abstract class NewSink<T> implements Sink<T> {
    private static final long serialVersionUID = 7L;

    abstract SinkWriter<T> writer();

    @Override
    public SinkWriter<T> createWriter(WriterInitContext ctx) {
        return writer();
    }
}

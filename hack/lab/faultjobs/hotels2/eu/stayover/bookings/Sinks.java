package eu.stayover.bookings;

import com.acme.feed.Options;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.streaming.api.datastream.DataStream;

/** Where bookings go, in Flink 2. */
final class Sinks {
    private Sinks() {}

    static void to(DataStream<Tuple2<Integer, byte[]>> bookings, Options options) {
        switch (options.text("sink", "function")) {
            case "twophase":
                bookings.addSink(new Till(options)).name("till").uid("till");
                break;
            case "writer":
                bookings.sinkTo(new Archive(options)).name("archive").uid("archive");
                break;
            case "committing":
                bookings.sinkTo(new Ledger(options)).name("ledger").uid("ledger");
                break;
            case "export":
                bookings.sinkTo(new Export(options)).name("export").uid("export");
                break;
            default:
                bookings.addSink(new Post(options)).name("post").uid("post");
        }
    }
}

package org.example.ledger;

import java.io.IOException;
import java.io.Serializable;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.source.lib.NumberSequenceSource;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.source.RichParallelSourceFunction;

/**
 * What only Flink 1 has: a source of the old kind that holds the checkpoint lock, and a sink of the newer kind as 1.20 and before declare it.
 * Arguments come in pairs; what is not known is left alone.
 */
public final class LedgerJob {
    private LedgerJob() {}

    public static void main(String[] argv) throws Exception {
        HashMap<String, String> args = new HashMap<>();
        for (int i = 0; i + 1 < argv.length; i += 2) {
            args.put(argv[i].replaceFirst("^--", ""), argv[i + 1]);
        }
        Arguments a = new Arguments(args);
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setParallelism((int) a.number("parallelism", 2));
        DataStream<Long> entries = a.number("sequence", 0) > 0
                ? env.fromSource(new NumberSequenceSource(0, Long.MAX_VALUE), WatermarkStrategy.noWatermarks(), "entries").uid("entries")
                : env.addSource(new Entries(a), "entries", Types.LONG).uid("entries");
        entries.keyBy(e -> e % 1000, Types.LONG).reduce(Long::sum).name("balances").uid("balances")
                .rebalance()
                .sinkTo(new Book(a)).name("book").uid("book");
        env.execute("ledger");
    }

    /** The arguments: numbers with defaults. */
    static final class Arguments implements Serializable {
        private static final long serialVersionUID = 1L;

        private final HashMap<String, String> values;
        private final long submitted = System.currentTimeMillis();

        Arguments(Map<String, String> values) {
            this.values = new HashMap<>(values);
        }

        long number(String name, long otherwise) {
            String v = values.get(name);
            return v == null ? otherwise : Long.parseLong(v);
        }

        /** A number that comes from nothing to its size in ramp-s seconds from from-s on. */
        long grown(String name) {
            double ramp = number("ramp-s", 0) * 1000.0;
            double since = System.currentTimeMillis() - submitted - number("from-s", 0) * 1000.0;
            return (long) (number(name, 0) * (ramp == 0 ? 1 : Math.max(0, Math.min(1, since / ramp))));
        }

        boolean active() {
            return (System.currentTimeMillis() - submitted) / 1000 >= number("from-s", 0);
        }
    }

    /**
     * rate: entries per second and subtask, 0 = as fast as possible. read-s: seconds of a table scan under the checkpoint lock, again and again;
     * read-only: in one subtask; read-socket: it waits for the first row; ramp-s: the scan grows.
     */
    private static final class Entries extends RichParallelSourceFunction<Long> {
        private static final long serialVersionUID = 1L;

        private final Arguments args;
        private volatile boolean open = true;

        Entries(Arguments args) {
            this.args = args;
        }

        @Override
        public void run(SourceContext<Long> ctx) throws Exception {
            long rate = args.number("rate", 500);
            long only = args.number("read-only", -1);
            for (long n = 0; open; n++) {
                synchronized (ctx.getCheckpointLock()) {
                    if (args.active() && args.number("read-s", 0) > 0 && (only < 0 || only == getRuntimeContext().getIndexOfThisSubtask())) {
                        scan(args.grown("read-s"));
                    }
                    ctx.collect(n);
                }
                if (rate > 0 && n % rate == 0) {
                    Thread.sleep(1000);
                }
            }
        }

        /** Where a change data source reads the whole table first. */
        private void scan(long seconds) throws InterruptedException, IOException {
            if (args.number("read-socket", 0) > 0) {
                receive(seconds);
                return;
            }
            for (long row = 0; open && row < seconds * 10; row++) {
                Thread.sleep(100);
            }
        }

        /** From a database that has the query and does not answer yet. */
        private void receive(long seconds) throws IOException {
            try (ServerSocket database = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                    Socket s = new Socket(database.getInetAddress(), database.getLocalPort())) {
                s.setSoTimeout((int) Math.max(1, seconds * 1000));
                if (s.getInputStream().read() < 0) {
                    throw new IOException("closed");
                }
            } catch (SocketTimeoutException e) {
                // it has no rows this time
            }
        }

        @Override
        public void cancel() {
            open = false;
        }
    }

    /** write-ms: wait with each entry; flush-ms: wait when flushed. */
    private static final class Book implements Sink<Long> {
        private static final long serialVersionUID = 1L;

        private final Arguments args;

        Book(Arguments args) {
            this.args = args;
        }

        @Override
        public SinkWriter<Long> createWriter(InitContext ctx) {
            return new SinkWriter<Long>() {
                @Override
                public void write(Long entry, Context context) throws IOException, InterruptedException {
                    pause("write-ms");
                }

                @Override
                public void flush(boolean endOfInput) throws IOException, InterruptedException {
                    pause("flush-ms");
                }

                @Override
                public void close() {}
            };
        }

        private void pause(String name) throws InterruptedException {
            if (args.active() && args.number(name, 0) > 0) {
                Thread.sleep(args.number(name, 0));
            }
        }
    }
}

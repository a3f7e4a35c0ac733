package eu.stayover.bookings;

import com.acme.feed.Options;
import com.esotericsoftware.kryo.DefaultSerializer;
import java.io.Serializable;
import java.util.HashMap;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.api.java.typeutils.runtime.kryo.JavaSerializer;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/** Sets timers for guests: alarms of them in a subtask, alarms-each with one booking, none of which is due soon. Step stay. */
final class Stay extends KeyedProcessFunction<Stay.Guest, Tuple2<Integer, byte[]>, Tuple2<Integer, byte[]>> {
    private static final long serialVersionUID = 1L;
    private static final long YEAR = 31_536_000_000L;

    private final Options options;
    private final Step step;
    private transient long alarms;
    private transient int subtask;

    Stay(Options options) {
        this.options = options;
        step = new Step(options, "stay");
    }

    @Override
    public void processElement(Tuple2<Integer, byte[]> booking, Context ctx, Collector<Tuple2<Integer, byte[]>> out) throws Exception {
        subtask = Options.subtask(getRuntimeContext());
        if (options.active()) {
            for (long i = 0; i < options.number("alarms-each", 500) && alarms < options.number("alarms", 0); i++) {
                ctx.timerService().registerProcessingTimeTimer(System.currentTimeMillis() + YEAR + alarms++);
            }
        }
        step.on(subtask);
        out.collect(booking);
    }

    @Override
    public void onTimer(long at, OnTimerContext ctx, Collector<Tuple2<Integer, byte[]>> out) {}

    /** A guest as a job of old has it: Kryo writes it by Java's serialization. */
    @DefaultSerializer(JavaSerializer.class)
    public static final class Guest implements Serializable {
        private static final long serialVersionUID = 1L;

        private final HashMap<String, Integer> parts = new HashMap<>();

        Guest(int number) {
            parts.put("hotel", number % 10);
            parts.put("guest", number);
        }

        @Override
        public int hashCode() {
            return parts.get("guest");
        }

        @Override
        public boolean equals(Object o) {
            return o instanceof Guest && parts.equals(((Guest) o).parts);
        }
    }
}

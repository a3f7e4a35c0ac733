package se.lasarett.vigil;

import java.time.Duration;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** Watches over patients: their monitors and pumps, what the wards have to do, and whom to page. */
public class WardVigil {
    public static void main(String[] words) throws Exception {
        Args args = new Args(words);
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setParallelism(args.number("parallelism", 1));

        DataStream<Reading> monitors = feed(env, args, "monitors");
        DataStream<Reading> pumps = feed(env, args, "pumps");
        SingleOutputStreamOperator<Note> notes = monitors.keyBy(r -> r.patient).connect(pumps.keyBy(r -> r.patient))
                .process(new BedSide(args.number("places", 2), args.number("alerting", 20))).name("bedside").uid("bedside");

        Era.sliding(notes.keyBy(n -> n.ward), 10, 5).aggregate(new Census()).name("census").uid("census")
                .sinkTo(new Charts<>("charts")).name("charts").uid("charts");

        DataStream<Note> worst = Era.tumbling(notes.keyBy(n -> n.patient), 5).reduce((a, b) -> a.score > b.score ? a : b)
                .name("worst").uid("worst");
        DataStream<Note> bells = env.addSource(new CallBells(args.all), "bells", TypeInformation.of(Note.class)).uid("bells");
        notes.getSideOutput(BedSide.ALERTS).union(worst, bells).keyBy(n -> n.ward).process(new Triage()).name("triage").uid("triage")
                .addSink(new Pager()).name("pager").uid("pager");
        env.execute("ward-vigil");
    }

    private static DataStream<Reading> feed(StreamExecutionEnvironment env, Args args, String name) {
        WatermarkStrategy<Reading> time = WatermarkStrategy.<Reading>forBoundedOutOfOrderness(Duration.ofSeconds(2))
                .withTimestampAssigner((r, t) -> r.taken).withIdleness(Duration.ofSeconds(4));
        return env.fromSource(new Feed<>(name, args.all, r -> r), time, name, TypeInformation.of(Reading.class)).uid(name);
    }
}

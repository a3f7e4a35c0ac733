package se.lasarett.vigil;

import java.io.Serializable;
import java.util.Map;
import java.util.function.Function;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/** A feed of readings that never ends. */
public class Feed<T> implements Source<T, Bed, Integer> {
    private static final long serialVersionUID = 5L;

    /** What becomes of a reading. */
    public interface As<T> extends Function<Reading, T>, Serializable {}

    final String name;
    final double rate;
    final long backlog;
    final int patients;
    final int wards;
    final int bytes;
    final double hot;
    final As<T> as;

    public Feed(String name, Map<String, String> args, As<T> as) {
        this.name = name;
        this.as = as;
        rate = number(args, "rate", 20);
        backlog = (long) number(args, "backlog", 0);
        patients = (int) number(args, "patients", 400);
        wards = (int) number(args, "wards", 12);
        bytes = (int) number(args, "bytes", 60);
        hot = number(args, "hot", 0);
    }

    private double number(Map<String, String> args, String key, double otherwise) {
        return Double.parseDouble(args.getOrDefault(name + "-" + key, args.getOrDefault(key, "" + otherwise)));
    }

    @Override
    public Boundedness getBoundedness() {
        return Boundedness.CONTINUOUS_UNBOUNDED;
    }

    @Override
    public SplitEnumerator<Bed, Integer> createEnumerator(SplitEnumeratorContext<Bed> context) {
        return new Matron(name, context, 0);
    }

    @Override
    public SplitEnumerator<Bed, Integer> restoreEnumerator(SplitEnumeratorContext<Bed> context, Integer given) {
        return new Matron(name, context, given);
    }

    @Override
    public SourceReader<T, Bed> createReader(SourceReaderContext context) {
        return new Watcher<>(this, context.getIndexOfSubtask());
    }

    @Override
    public SimpleVersionedSerializer<Bed> getSplitSerializer() {
        return new Bed.Form();
    }

    @Override
    public SimpleVersionedSerializer<Integer> getEnumeratorCheckpointSerializer() {
        return new Bed.CountForm();
    }
}

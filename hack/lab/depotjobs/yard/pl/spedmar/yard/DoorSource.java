package pl.spedmar.yard;

import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SourceSplit;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/** The doors of a yard, each of which a reader watches. */
public final class DoorSource<T> implements Source<T, DoorSource.Door, String> {
    private static final long serialVersionUID = 11L;

    /** Makes of a move what the job reads. */
    public interface Clerk<T> extends Function<Move, T>, Serializable {}

    private final Board board;
    private final Clerk<T> clerk;

    public DoorSource(Board board, Clerk<T> clerk) {
        this.board = board;
        this.clerk = clerk;
    }

    /** A door and how many moves have been seen at it. */
    public static final class Door implements SourceSplit {
        final int number;
        final long seen;

        Door(int number, long seen) {
            this.number = number;
            this.seen = seen;
        }

        @Override
        public String splitId() {
            return "door " + number;
        }
    }

    @Override
    public Boundedness getBoundedness() {
        return Boundedness.CONTINUOUS_UNBOUNDED;
    }

    @Override
    public SourceReader<T, Door> createReader(SourceReaderContext context) {
        return new DoorReader<>(board, clerk, context);
    }

    @Override
    public SplitEnumerator<Door, String> createEnumerator(SplitEnumeratorContext<Door> context) {
        return new Roster(board.name, context, "");
    }

    @Override
    public SplitEnumerator<Door, String> restoreEnumerator(SplitEnumeratorContext<Door> context, String taken) {
        return new Roster(board.name, context, taken);
    }

    @Override
    public SimpleVersionedSerializer<Door> getSplitSerializer() {
        return new Form<>(d -> d.number + " " + d.seen, text -> {
            String[] parts = text.split(" ");
            return new Door(Integer.parseInt(parts[0]), Long.parseLong(parts[1]));
        });
    }

    @Override
    public SimpleVersionedSerializer<String> getEnumeratorCheckpointSerializer() {
        return new Form<>(text -> text, text -> text);
    }

    /** As text. */
    public static final class Form<T> implements SimpleVersionedSerializer<T> {
        private final Function<T, String> write;
        private final Function<String, T> read;

        public Form(Function<T, String> write, Function<String, T> read) {
            this.write = write;
            this.read = read;
        }

        @Override
        public int getVersion() {
            return 1;
        }

        @Override
        public byte[] serialize(T thing) {
            return write.apply(thing).getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public T deserialize(int version, byte[] bytes) {
            return read.apply(new String(bytes, StandardCharsets.UTF_8));
        }
    }
}

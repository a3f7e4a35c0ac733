package pl.spedmar.yard;

import io.moorage.levers.Levers;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.core.io.InputStatus;

/** Watches its door, and lets by what is for the yard. */
final class DoorReader<T> implements SourceReader<T, DoorSource.Door> {
    private final Board board;
    private final DoorSource.Clerk<T> clerk;
    private final SourceReaderContext context;
    private final Random random;
    private final Port port = new Port();
    private DoorSource.Door door;
    private long seen;
    private long let;
    private long since;

    DoorReader(Board board, DoorSource.Clerk<T> clerk, SourceReaderContext context) {
        this.board = board;
        this.clerk = clerk;
        this.context = context;
        this.random = new Random(board.name.length() * 7919L + context.getIndexOfSubtask());
    }

    @Override
    public void start() {
        if (door == null) {
            context.sendSplitRequest();
        }
    }

    @Override
    public void addSplits(List<DoorSource.Door> doors) {
        door = doors.get(0);
        seen = door.seen;
        since = System.nanoTime();
        let = 0;
    }

    @Override
    public InputStatus pollNext(ReaderOutput<T> out) throws Exception {
        if (door == null || let >= (System.nanoTime() - since) / 1e9 * board.rate) {
            return InputStatus.NOTHING_AVAILABLE;
        }
        // What is not for this yard is passed over until something is.
        while (Levers.at(board.name + ".elsewhere", context.getIndexOfSubtask()) > 0) {
            port.ask("next", 40);
        }
        Move m = board.move(seen * context.currentParallelism() + door.number, random);
        out.collect(clerk.apply(m), m.at);
        seen++;
        let++;
        return InputStatus.MORE_AVAILABLE;
    }

    @Override
    public CompletableFuture<Void> isAvailable() {
        return new CompletableFuture<Void>().completeOnTimeout(null, 25, TimeUnit.MILLISECONDS);
    }

    @Override
    public List<DoorSource.Door> snapshotState(long checkpointId) {
        return door == null ? List.of() : List.of(new DoorSource.Door(door.number, seen));
    }

    @Override
    public void notifyNoMoreSplits() {}

    @Override
    public void close() throws Exception {
        port.close();
    }
}

package pl.spedmar.yard;

import io.moorage.levers.Levers;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;

/** Knows which doors there are and who watches them; runs in the JobManager. A thread of its own draws up the plan of the doors anew. */
final class Roster implements SplitEnumerator<DoorSource.Door, String> {
    private final String feed;
    private final SplitEnumeratorContext<DoorSource.Door> context;
    private final TreeSet<Integer> back = new TreeSet<>();
    private final Object plan = new Object();
    private final Atlas atlas;
    private int given;
    private volatile boolean ended;

    Roster(String feed, SplitEnumeratorContext<DoorSource.Door> context, String given) {
        this.feed = feed;
        this.context = context;
        this.given = given.isEmpty() ? 0 : Integer.parseInt(given);
        this.atlas = new Atlas(feed + ".atlas");
    }

    @Override
    public void start() {
        atlas.open();
        Port.daemon("door-plan " + feed, () -> {
            while (!ended) {
                long ms = Math.round(Levers.at(feed + ".plan"));
                if (ms > 0) {
                    draw(ms);
                }
                LockSupport.parkNanos(300_000_000L);
            }
        }).start();
    }

    /** Whoever wants to know the plan meanwhile has to wait. */
    private void draw(long ms) {
        synchronized (plan) {
            try {
                Thread.sleep(ms);
            } catch (InterruptedException e) {
                ended = true;
            }
        }
    }

    @Override
    public void handleSplitRequest(int subtask, String host) {
        synchronized (plan) {
            if (!back.isEmpty()) {
                context.assignSplit(new DoorSource.Door(back.pollFirst(), 0), subtask);
            } else if (given < context.currentParallelism()) {
                context.assignSplit(new DoorSource.Door(given++, 0), subtask);
            }
        }
    }

    @Override
    public void addSplitsBack(List<DoorSource.Door> doors, int subtask) {
        for (DoorSource.Door d : doors) {
            back.add(d.number);
        }
    }

    @Override
    public void addReader(int subtask) {}

    @Override
    public String snapshotState(long checkpointId) {
        synchronized (plan) {
            return "" + given;
        }
    }

    @Override
    public void close() {
        ended = true;
        atlas.close();
    }
}

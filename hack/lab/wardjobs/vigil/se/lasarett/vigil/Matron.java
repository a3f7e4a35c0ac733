package se.lasarett.vigil;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import no.vaskeri.knobs.Knobs;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;

/** Gives each reader a bed, and asks once a second which beds there are. */
class Matron implements SplitEnumerator<Bed, Integer> {
    private final String name;
    private final SplitEnumeratorContext<Bed> context;
    private final Queue<Bed> back = new ArrayDeque<>();
    private final Archive archive;
    private int given;

    Matron(String name, SplitEnumeratorContext<Bed> context, int given) {
        this.name = name;
        this.context = context;
        this.given = given;
        archive = new Archive(name);
    }

    @Override
    public void start() {
        context.callAsync(() -> name, (answer, error) -> census(), 1000, 1000);
        archive.open();
    }

    private void census() {
        try {
            Wire.read(Knobs.ms(name + ".census", 0));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void handleSplitRequest(int subtask, String host) {}

    @Override
    public void addSplitsBack(List<Bed> beds, int subtask) {
        back.addAll(beds);
    }

    @Override
    public void addReader(int subtask) {
        if (!back.isEmpty()) {
            context.assignSplit(back.poll(), subtask);
        } else if (given < context.currentParallelism()) {
            context.assignSplit(new Bed(given++, 0), subtask);
        }
    }

    @Override
    public Integer snapshotState(long checkpoint) {
        return given;
    }

    @Override
    public void close() {
        archive.close();
    }
}

package it.pedaggio.tolls;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.granary.switches.Switches;

/** Finds the lanes of the road network and gives each reader one; runs in the JobManager. */
final class LaneRoster implements SplitEnumerator<Gantries.Lane, String> {
    private final SplitEnumeratorContext<Gantries.Lane> ctx;
    private final Set<Integer> given = new HashSet<>();
    private final RoadMap map = new RoadMap();
    private int edition;

    LaneRoster(SplitEnumeratorContext<Gantries.Lane> ctx) {
        this.ctx = ctx;
    }

    @Override
    public void start() {
        map.open();
        ctx.callAsync(this::survey, this::surveyed, 0, 2500);
    }

    /** In a thread of its own: which edition of the road network is in force. */
    private Integer survey() {
        return edition + 1;
    }

    /** In the coordinator's thread: the lanes of the new edition are reconciled with the works department, which has them in a table. */
    private void surveyed(Integer found, Throwable failed) {
        try {
            Backoffice.ask("works", Switches.of("roster.works.ms"));
            edition = found;
        } catch (java.io.IOException e) {
            // at the next survey
        }
    }

    @Override
    public void handleSplitRequest(int subtask, String host) {
        if (given.add(subtask)) {
            ctx.assignSplit(new Gantries.Lane(subtask, 0), subtask);
        }
    }

    @Override
    public void addSplitsBack(List<Gantries.Lane> lanes, int subtask) {
        given.remove(subtask);
    }

    @Override
    public void addReader(int subtask) {
        given.remove(subtask);
    }

    @Override
    public String snapshotState(long checkpointId) {
        return "edition-" + edition;
    }

    @Override
    public void close() {
        map.close();
    }
}

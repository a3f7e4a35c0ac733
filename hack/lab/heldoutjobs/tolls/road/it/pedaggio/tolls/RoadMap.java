package it.pedaggio.tolls;

import java.util.Arrays;
import org.granary.switches.Switches;

/** The road network in the JobManager: distances between junctions are computed anew, and segments are kept as objects. */
final class RoadMap {
    private static final int JUNCTIONS = 180;

    private final Segments segments = new Segments();
    private volatile boolean open = true;

    void open() {
        for (int i = 0; i < 6; i++) {
            int worker = i;
            Backoffice.thread("road-distances-" + i, () -> distances(worker));
        }
        for (int i = 0; i < 2; i++) {
            Backoffice.thread("road-segments-" + i, this::renew);
        }
    }

    void close() {
        open = false;
    }

    /** {@code map.distances}: on so many threads. */
    private void distances(int worker) {
        int[][] way = new int[JUNCTIONS][JUNCTIONS];
        while (open) {
            if (worker >= Switches.of("map.distances")) {
                Backoffice.rest(250);
                continue;
            }
            for (int i = 0; i < JUNCTIONS; i++) {
                Arrays.setAll(way[i], k -> 1 + Math.floorMod(k * 7919 + worker, 997));
            }
            for (int via = 0; via < JUNCTIONS; via++) {
                for (int from = 0; from < JUNCTIONS; from++) {
                    for (int to = 0; to < JUNCTIONS; to++) {
                        way[from][to] = Math.min(way[from][to], way[from][via] + way[via][to]);
                    }
                }
            }
        }
    }

    /** {@code map.segments.mb} are kept as far as {@code map.room.mb} stay free, and {@code map.renewed.mb} a second are replaced by each of two threads. */
    private void renew() {
        while (open) {
            long most = Switches.of("map.segments.mb");
            if (most == 0) {
                Backoffice.rest(250);
                continue;
            }
            if (segments.add(most, Switches.of("map.room.mb"))) {
                Backoffice.rest(Math.max(1, 1000 / 16 / Math.max(1, Switches.of("map.renewed.mb"))));
            }
        }
    }
}

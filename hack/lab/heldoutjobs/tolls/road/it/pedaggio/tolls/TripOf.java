package it.pedaggio.tolls;

import it.pedaggio.tolls.Road.Passage;
import it.pedaggio.tolls.Road.Trip;
import org.apache.flink.streaming.api.functions.co.ProcessJoinFunction;
import org.apache.flink.util.Collector;

/** An entry and an exit are a trip. */
final class TripOf extends ProcessJoinFunction<Passage, Passage, Trip> {
    private static final long serialVersionUID = 3L;

    @Override
    public void processElement(Passage entry, Passage exit, Context ctx, Collector<Trip> out) {
        if (entry.road != exit.road) {
            return;
        }
        Trip t = new Trip();
        t.plate = entry.plate;
        t.account = entry.account;
        t.road = entry.road;
        t.seconds = (exit.at - entry.at) / 1000;
        out.collect(t);
    }
}

package eu.stayover.bookings;

import com.acme.feed.Options;
import java.util.Collection;
import java.io.IOException;
import org.apache.flink.api.connector.sink2.Committer;

/** Charges what a checkpoint holds. Step charge: STEP-call with each commit. */
final class Charge implements Committer<Integer> {
    private final Step step;

    Charge(Options options) {
        step = new Step(options, "charge");
    }

    @Override
    public void commit(Collection<CommitRequest<Integer>> requests) throws IOException, InterruptedException {
        for (CommitRequest<Integer> r : requests) {
            try {
                step.on(r.getCommittable());
            } catch (InterruptedException e) {
                throw e;
            } catch (Exception e) {
                throw new IOException(e);
            }
        }
    }

    @Override
    public void close() {}
}

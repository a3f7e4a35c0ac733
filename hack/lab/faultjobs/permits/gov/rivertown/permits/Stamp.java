package gov.rivertown.permits;

import com.acme.feed.Options;
import gov.rivertown.registry.Registry;
import java.io.IOException;
import java.util.Collection;
import org.apache.flink.api.connector.sink2.Committer;

/** Stamps what a checkpoint holds: stamp KIND (stamp-ms) with every stamp-every-th, in the subtask stamp-only alone. */
final class Stamp implements Committer<Integer> {
    private final Options options;
    private final Registry registry = new Registry();
    private long stamped;

    Stamp(Options options) {
        this.options = options;
    }

    @Override
    public void commit(Collection<CommitRequest<Integer>> requests) throws IOException, InterruptedException {
        for (CommitRequest<Integer> r : requests) {
            long only = options.number("stamp-only", -1);
            long ms = options.number("stamp-ms", 0);
            if (ms <= 0 || !options.active() || only >= 0 && only != r.getCommittable() || stamped++ % options.number("stamp-every", 1) != 0) {
                continue;
            }
            try {
                registry.spend(options.text("stamp", "socket"), ms);
            } catch (InterruptedException e) {
                throw e;
            } catch (Exception e) {
                throw new IOException(e);
            }
        }
    }

    @Override
    public void close() {
        registry.close();
    }
}

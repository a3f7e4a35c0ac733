package it.pedaggio.tolls;

import java.io.IOException;
import java.util.Collection;
import org.apache.flink.api.connector.sink2.Committer;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.granary.switches.Switches;

/** A batch of charges that is open at the clearing house, and what closes such batches. */
final class Charges {
    private final int subtask;
    private long batch;
    private long charges;

    Charges(int subtask) {
        this.subtask = subtask;
    }

    void charge() throws IOException {
        Backoffice.ask("charge", Switches.of("clearing.charge.ms", subtask));
        charges++;
    }

    String seal() {
        return subtask + "/" + batch++ + "/" + charges;
    }

    /** Books sealed batches. */
    static final class Booking implements Committer<String> {
        @Override
        public void commit(Collection<CommitRequest<String>> sealed) {}

        @Override
        public void close() {}
    }

    /** Batches as text. */
    static final class Format implements SimpleVersionedSerializer<String> {
        @Override
        public int getVersion() {
            return 1;
        }

        @Override
        public byte[] serialize(String batch) {
            return batch.getBytes();
        }

        @Override
        public String deserialize(int version, byte[] bytes) {
            return new String(bytes);
        }
    }
}

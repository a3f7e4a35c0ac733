package se.kraftnat.feeder;

import io.spindle.panel.Panel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import org.apache.flink.api.connector.sink2.Committer;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/** Posts sealed transactions, one after the other. */
public final class Posting implements Committer<String> {
    private final String name;

    public Posting(String name) {
        this.name = name;
    }

    @Override
    public void commit(Collection<CommitRequest<String>> sealed) throws IOException {
        for (CommitRequest<String> one : sealed) {
            String text = one.getCommittable();
            long ms = Panel.of(name + ".post", Integer.parseInt(text.substring(0, text.indexOf('/'))));
            if (ms > 0) {
                try (Wire wire = Wire.open()) {
                    wire.ask("commit", ms);
                }
            }
        }
    }

    @Override
    public void close() {}

    /** ASCII. */
    public static final class Text implements SimpleVersionedSerializer<String> {
        @Override
        public int getVersion() {
            return 1;
        }

        @Override
        public byte[] serialize(String text) {
            return text.getBytes(StandardCharsets.US_ASCII);
        }

        @Override
        public String deserialize(int version, byte[] bytes) {
            return new String(bytes, StandardCharsets.US_ASCII);
        }
    }
}

package com.northquay.quay;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import org.apache.flink.api.connector.sink2.Committer;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.slipway.dials.Dials;

/** Commits what writers have written, one request for each. */
public final class Transactions implements Committer<String> {
    private final String name;

    public Transactions(String name) {
        this.name = name;
    }

    @Override
    public void commit(Collection<CommitRequest<String>> requests) throws IOException {
        for (CommitRequest<String> request : requests) {
            int subtask = Integer.parseInt(request.getCommittable().split(":")[0]);
            Neighbours.ask(name + "/commit", Dials.at(name + ".commit", subtask));
        }
    }

    @Override
    public void close() {}

    /** Text as UTF-8. */
    public static final class Names implements SimpleVersionedSerializer<String> {
        @Override
        public int getVersion() {
            return 1;
        }

        @Override
        public byte[] serialize(String text) {
            return text.getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public String deserialize(int version, byte[] bytes) {
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }
}

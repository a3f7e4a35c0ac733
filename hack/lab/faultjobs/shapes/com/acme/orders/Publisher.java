package com.acme.orders;

import com.acme.feed.Options;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Collection;
import org.apache.flink.api.connector.sink2.Committer;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/** Publishes what a checkpoint holds, commit-ms each time. */
final class Publisher implements Committer<Integer> {
    private final Options options;

    Publisher(Options options) {
        this.options = options;
    }

    @Override
    public void commit(Collection<CommitRequest<Integer>> requests) throws IOException, InterruptedException {
        if (options.active()) {
            Thread.sleep(options.number("commit-ms", 0));
        }
    }

    @Override
    public void close() {}

    /** How a committable is written down. */
    static final class Numbers implements SimpleVersionedSerializer<Integer> {
        @Override
        public int getVersion() {
            return 1;
        }

        @Override
        public byte[] serialize(Integer n) {
            return ByteBuffer.allocate(4).putInt(n).array();
        }

        @Override
        public Integer deserialize(int version, byte[] bytes) {
            return ByteBuffer.wrap(bytes).getInt();
        }
    }
}

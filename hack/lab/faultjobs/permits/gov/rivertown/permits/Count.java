package gov.rivertown.permits;

import java.nio.ByteBuffer;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/** How many entries a desk has made. */
final class Count implements SimpleVersionedSerializer<Integer> {
    @Override
    public int getVersion() {
        return 1;
    }

    @Override
    public byte[] serialize(Integer n) {
        return ByteBuffer.allocate(4).putInt(n).array();
    }

    @Override
    public Integer deserialize(int version, byte[] b) {
        return ByteBuffer.wrap(b).getInt();
    }
}

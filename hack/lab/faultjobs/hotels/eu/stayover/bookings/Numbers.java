package eu.stayover.bookings;

import java.nio.ByteBuffer;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/** How a number is written down. */
final class Numbers implements SimpleVersionedSerializer<Integer> {
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

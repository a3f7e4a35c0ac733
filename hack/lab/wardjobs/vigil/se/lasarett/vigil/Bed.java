package se.lasarett.vigil;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.flink.api.connector.source.SourceSplit;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/** The place of one reader: a split with the number of its next reading. */
public class Bed implements SourceSplit {
    final int place;
    long next;

    Bed(int place, long next) {
        this.place = place;
        this.next = next;
    }

    @Override
    public String splitId() {
        return "bed-" + place;
    }

    /** Twelve bytes. */
    static class Form implements SimpleVersionedSerializer<Bed> {
        @Override
        public int getVersion() {
            return 1;
        }

        @Override
        public byte[] serialize(Bed bed) {
            return ByteBuffer.allocate(12).putInt(bed.place).putLong(bed.next).array();
        }

        @Override
        public Bed deserialize(int version, byte[] bytes) throws IOException {
            DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
            return new Bed(in.readInt(), in.readLong());
        }
    }

    /** How many beds were given away. */
    static class CountForm implements SimpleVersionedSerializer<Integer> {
        @Override
        public int getVersion() {
            return 1;
        }

        @Override
        public byte[] serialize(Integer count) {
            return ByteBuffer.allocate(4).putInt(count).array();
        }

        @Override
        public Integer deserialize(int version, byte[] bytes) {
            return ByteBuffer.wrap(bytes).getInt();
        }
    }
}

package dk.vindmark.turbines;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.base.TypeSerializerSingleton;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Coefficients as text, which takes less room packed: a MiB each. */
public final class FarmModel {
    private static final int TEXT = 1 << 20;

    private final byte[] packed;

    private FarmModel(byte[] packed) {
        this.packed = packed;
    }

    static FarmModel of(String coefficients) {
        byte[] text = coefficients.getBytes(StandardCharsets.US_ASCII);
        Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION);
        deflater.setInput(text);
        deflater.finish();
        byte[] out = new byte[text.length + 100];
        int n = deflater.deflate(out);
        deflater.end();
        return new FarmModel(Arrays.copyOf(out, n));
    }

    static FarmModel learned(int farm, Random random) {
        StringBuilder b = new StringBuilder(TEXT).append(farm);
        while (b.length() < TEXT) {
            b.append(' ').append(random.nextInt(1000)).append(".250");
        }
        b.setLength(TEXT);
        return of(b.toString());
    }

    String coefficients() {
        byte[] text = new byte[TEXT];
        Inflater inflater = new Inflater();
        inflater.setInput(packed);
        try {
            int n = inflater.inflate(text);
            return new String(text, 0, n, StandardCharsets.US_ASCII);
        } catch (DataFormatException e) {
            throw new IllegalStateException(e);
        } finally {
            inflater.end();
        }
    }

    /** Writes what is packed as it is. A copy is made anew from the coefficients. */
    public static final class Serializer extends TypeSerializerSingleton<FarmModel> {
        private static final long serialVersionUID = 7L;

        @Override
        public boolean isImmutableType() {
            return false;
        }

        @Override
        public FarmModel createInstance() {
            return new FarmModel(new byte[0]);
        }

        @Override
        public FarmModel copy(FarmModel from) {
            return FarmModel.of(from.coefficients());
        }

        @Override
        public FarmModel copy(FarmModel from, FarmModel reuse) {
            return copy(from);
        }

        @Override
        public int getLength() {
            return -1;
        }

        @Override
        public void serialize(FarmModel model, DataOutputView out) throws IOException {
            out.writeInt(model.packed.length);
            out.write(model.packed);
        }

        @Override
        public FarmModel deserialize(DataInputView in) throws IOException {
            byte[] packed = new byte[in.readInt()];
            in.readFully(packed);
            return new FarmModel(packed);
        }

        @Override
        public FarmModel deserialize(FarmModel reuse, DataInputView in) throws IOException {
            return deserialize(in);
        }

        @Override
        public void copy(DataInputView in, DataOutputView out) throws IOException {
            serialize(deserialize(in), out);
        }

        @Override
        public TypeSerializerSnapshot<FarmModel> snapshotConfiguration() {
            return new Snapshot();
        }

        /** Nothing to remember. */
        public static final class Snapshot extends SimpleTypeSerializerSnapshot<FarmModel> {
            public Snapshot() {
                super(Serializer::new);
            }
        }
    }
}

package io.bluecart.platform;

import java.nio.charset.StandardCharsets;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/** Texts as UTF-8. */
public final class TextSerializer implements SimpleVersionedSerializer<String> {
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

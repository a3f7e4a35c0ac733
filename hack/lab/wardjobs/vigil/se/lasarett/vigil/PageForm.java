package se.lasarett.vigil;

import java.nio.charset.StandardCharsets;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/** A page is a line of text. */
class PageForm implements SimpleVersionedSerializer<String> {
    @Override
    public int getVersion() {
        return 1;
    }

    @Override
    public byte[] serialize(String page) {
        return page.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public String deserialize(int version, byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}

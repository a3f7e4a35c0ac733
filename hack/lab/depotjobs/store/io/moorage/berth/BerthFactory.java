package io.moorage.berth;

import java.net.URI;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.FileSystemFactory;

/** Named in META-INF/services. */
public final class BerthFactory implements FileSystemFactory {
    @Override
    public String getScheme() {
        return "berth";
    }

    @Override
    public FileSystem create(URI uri) {
        return new BerthFileSystem();
    }
}

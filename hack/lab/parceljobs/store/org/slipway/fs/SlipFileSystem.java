package org.slipway.fs;

import java.io.IOException;
import java.net.URI;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.fs.FSDataOutputStream;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.FileSystemFactory;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.fs.local.LocalFileSystem;
import org.slipway.dials.Dials;

/** {@code slip:///dir}: a bucket behind a gateway. What is written goes out segment by segment while it is written. */
public final class SlipFileSystem extends LocalFileSystem {
    /** Named in META-INF/services. */
    public static final class Factory implements FileSystemFactory {
        @Override
        public String getScheme() {
            return "slip";
        }

        @Override
        public FileSystem create(URI uri) {
            return new SlipFileSystem();
        }
    }

    @Override
    public URI getUri() {
        return URI.create("slip:///");
    }

    @Override
    public boolean isDistributedFS() {
        return true;
    }

    @Override
    public FSDataInputStream open(Path path) throws IOException {
        Gateway.linger(Dials.at("slip.read"));
        return super.open(path);
    }

    @Override
    public boolean delete(Path path, boolean recursive) throws IOException {
        Gateway.linger(Dials.at("slip.delete"));
        return super.delete(path, recursive);
    }

    @Override
    public FSDataOutputStream create(Path path, WriteMode mode) throws IOException {
        Gateway.begin(path);
        return new SegmentedUpload(super.create(path, mode), path);
    }
}

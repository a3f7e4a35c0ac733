package io.spindle.coil;

import io.spindle.panel.Panel;
import java.io.IOException;
import java.net.URI;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.fs.FSDataOutputStream;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.FileSystemFactory;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.fs.local.LocalFileSystem;

/** {@code coil:///dir}: objects that are put as a whole, when their stream is closed. */
public final class CoilFileSystem extends LocalFileSystem {
    private static final URI ROOT = URI.create("coil:///");

    /** Named in META-INF/services. */
    public static final class Maker implements FileSystemFactory {
        @Override
        public String getScheme() {
            return ROOT.getScheme();
        }

        @Override
        public FileSystem create(URI uri) {
            return new CoilFileSystem();
        }
    }

    @Override
    public URI getUri() {
        return ROOT;
    }

    @Override
    public boolean isDistributedFS() {
        return true;
    }

    @Override
    public FSDataOutputStream create(Path path, WriteMode mode) throws IOException {
        if (Panel.of("coil.denied") > 0) {
            throw new IOException("PUT " + path.getName() + ": 403 Forbidden: the access token expired");
        }
        return new PutStream(path, super.create(path, mode));
    }

    @Override
    public FSDataInputStream open(Path path) throws IOException {
        new Transfer().rest(Panel.of("coil.get"));
        return super.open(path);
    }

    @Override
    public boolean delete(Path path, boolean recursive) throws IOException {
        new Transfer().rest(Panel.of("coil.unlink"));
        return super.delete(path, recursive);
    }
}

package org.example.objectstore;

import java.io.IOException;
import java.net.URI;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.fs.FSDataOutputStream;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.FileSystemFactory;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.fs.local.LocalFileSystem;
import org.apache.flink.core.fs.local.LocalRecoverableWriter;

/** {@code objectstore:///dir}: the local file system with the manners of a bad object store. README.md lists the delays. */
public final class ObjectStoreFileSystem extends LocalFileSystem {

    /** Registered in META-INF/services. */
    public static final class Factory implements FileSystemFactory {
        @Override
        public String getScheme() {
            return "objectstore";
        }

        @Override
        public FileSystem create(URI uri) {
            return new ObjectStoreFileSystem();
        }
    }

    @Override
    public URI getUri() {
        return URI.create("objectstore:///");
    }

    @Override
    public boolean isDistributedFS() {
        return true;
    }

    @Override
    public LocalRecoverableWriter createRecoverableWriter() {
        throw new UnsupportedOperationException("objectstore:// has no recoverable writer"); // Flink falls back to create()
    }

    @Override
    public FSDataInputStream open(Path p) throws IOException {
        Controls.delay("open.ms");
        return super.open(p);
    }

    @Override
    public boolean delete(Path p, boolean recursive) throws IOException {
        Controls.delay("delete.ms");
        return super.delete(p, recursive);
    }

    @Override
    public boolean mkdirs(Path p) throws IOException {
        fail("mkdirs.fail", p);
        Controls.delay("mkdirs.ms");
        return super.mkdirs(p);
    }

    @Override
    public FSDataOutputStream create(Path p, WriteMode mode) throws IOException {
        fail("create.fail", p);
        Controls.delay(p.getName().equals("_metadata") ? "metadata.ms" : "create.ms");
        return new ThrottledStream(super.create(p, mode));
    }

    private static void fail(String key, Path p) throws IOException {
        if (Controls.on(key)) {
            throw new IOException("AccessDenied: " + p);
        }
    }
}

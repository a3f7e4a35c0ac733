package com.coldline.archivefs;

import java.io.IOException;
import java.net.URI;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.fs.FSDataOutputStream;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.FileSystemFactory;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.fs.local.LocalFileSystem;
import org.apache.flink.core.fs.local.LocalRecoverableWriter;

/** {@code archive:///dir}: objects that are uploaded when their stream is closed, over a client that limits, retries and fails. */
public final class ArchiveFileSystem extends LocalFileSystem {
    private final ArchiveClient client = new ArchiveClient();

    /** Registered in META-INF/services. */
    public static final class Factory implements FileSystemFactory {
        @Override
        public String getScheme() {
            return "archive";
        }

        @Override
        public FileSystem create(URI uri) {
            return new ArchiveFileSystem();
        }
    }

    @Override
    public URI getUri() {
        return URI.create("archive:///");
    }

    @Override
    public boolean isDistributedFS() {
        return true;
    }

    @Override
    public LocalRecoverableWriter createRecoverableWriter() {
        throw new UnsupportedOperationException("objects of an archive are written once");
    }

    @Override
    public FSDataInputStream open(Path p) throws IOException {
        client.request("GET", p);
        return super.open(p);
    }

    @Override
    public FileStatus[] listStatus(Path p) throws IOException {
        client.request("LIST", p);
        return super.listStatus(p);
    }

    @Override
    public boolean delete(Path p, boolean recursive) throws IOException {
        client.request("DELETE", p);
        return super.delete(p, recursive);
    }

    @Override
    public boolean mkdirs(Path p) throws IOException {
        client.request("MKDIR", p);
        return super.mkdirs(p);
    }

    @Override
    public FSDataOutputStream create(Path p, WriteMode mode) throws IOException {
        client.admit(p);
        return new UploadStream(super.create(p, mode), client, p);
    }
}

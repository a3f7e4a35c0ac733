package org.polarstore.vault;

import java.io.IOException;
import java.net.URI;
import org.apache.flink.core.fs.FSDataOutputStream;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.fs.local.LocalFileSystem;
import org.apache.flink.core.fs.local.LocalRecoverableWriter;

/** A network file system on top of a local folder: bytes travel as they are written, block by block. */
final class VaultFileSystem extends LocalFileSystem {
    @Override
    public URI getUri() {
        return URI.create("vault:///");
    }

    @Override
    public boolean isDistributedFS() {
        return true;
    }

    /** There is no way to go on with a file that was begun. */
    @Override
    public LocalRecoverableWriter createRecoverableWriter() throws IOException {
        throw new UnsupportedOperationException("vault: a file is written in one go");
    }

    @Override
    public boolean delete(Path path, boolean recursive) throws IOException {
        Dials.pause(Dials.number("vault.unlink.ms"));
        return super.delete(path, recursive);
    }

    @Override
    public FSDataOutputStream create(Path path, WriteMode mode) throws IOException {
        boolean manifest = path.getName().equals("_metadata");
        if (manifest && Dials.number("vault.manifest.locked") > 0) {
            throw new IOException("vault: open " + path.getName() + ": 423 Locked: lease is held by another writer");
        }
        Dials.pause(Dials.number("vault.open.ms"));
        return new BlockStream(super.create(path, mode), path.getName(), manifest);
    }
}

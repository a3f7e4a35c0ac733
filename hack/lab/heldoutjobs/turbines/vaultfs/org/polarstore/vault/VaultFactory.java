package org.polarstore.vault;

import java.net.URI;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.FileSystemFactory;

/** Makes the file system of {@code vault:///}. */
public final class VaultFactory implements FileSystemFactory {
    @Override
    public String getScheme() {
        return "vault";
    }

    @Override
    public FileSystem create(URI uri) {
        return new VaultFileSystem();
    }
}

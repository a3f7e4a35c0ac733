package org.granary.silo;

import java.io.IOException;
import java.net.URI;
import org.apache.flink.core.fs.FSDataOutputStream;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.FileSystemFactory;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.fs.local.LocalFileSystem;
import org.apache.flink.core.fs.local.LocalRecoverableWriter;
import org.granary.switches.Switches;

/** A store of whole objects in a local folder: an object is handed in when its file is closed. */
public final class SiloFileSystem extends LocalFileSystem {
    @Override
    public URI getUri() {
        return URI.create("silo:///");
    }

    @Override
    public boolean isDistributedFS() {
        return true;
    }

    /** An object cannot be written in parts. */
    @Override
    public LocalRecoverableWriter createRecoverableWriter() throws IOException {
        throw new UnsupportedOperationException("silo: objects are written whole");
    }

    @Override
    public FSDataOutputStream create(Path path, WriteMode mode) throws IOException {
        return new Handover(super.create(path, mode));
    }

    /** {@code silo.put.ms} to hand an object in, and as long as its bytes take at {@code silo.put.kbps}. */
    private static final class Handover extends FSDataOutputStream {
        private final FSDataOutputStream out;
        private boolean closed;

        Handover(FSDataOutputStream out) {
            this.out = out;
        }

        @Override
        public void write(int b) throws IOException {
            out.write(b);
        }

        @Override
        public void write(byte[] b, int off, int len) throws IOException {
            out.write(b, off, len);
        }

        @Override
        public long getPos() throws IOException {
            return out.getPos();
        }

        @Override
        public void flush() throws IOException {
            out.flush();
        }

        @Override
        public void sync() throws IOException {
            out.sync();
        }

        @Override
        public void close() throws IOException {
            if (!closed) {
                closed = true;
                long kbps = Switches.of("silo.put.kbps");
                long ms = Switches.of("silo.put.ms") + (kbps > 0 ? out.getPos() * 1000 / 1024 / kbps : 0);
                try {
                    Thread.sleep(ms);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new IOException("silo: put was interrupted", e);
                }
            }
            out.close();
        }
    }

    /** Makes it for {@code silo:///}. */
    public static final class Factory implements FileSystemFactory {
        @Override
        public String getScheme() {
            return "silo";
        }

        @Override
        public FileSystem create(URI uri) {
            return new SiloFileSystem();
        }
    }
}

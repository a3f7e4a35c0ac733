package no.vaskeri.linen;

import java.io.IOException;
import java.net.URI;
import no.vaskeri.knobs.Knobs;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.fs.FSDataOutputStream;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.fs.local.LocalFileSystem;

/** A store of bundles on the local disk that is as far away as the knobs say. */
class LinenStore extends LocalFileSystem {
    private static final URI ROOT = URI.create("linen:///");

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
        return new Bundle(path.getName(), super.create(path, mode));
    }

    @Override
    public FSDataInputStream open(Path path) throws IOException {
        pause("linen.get");
        return super.open(path);
    }

    @Override
    public boolean delete(Path path, boolean recursive) throws IOException {
        pause("linen.delete");
        return super.delete(path, recursive);
    }

    private static void pause(String knob) throws IOException {
        try {
            Thread.sleep((long) Knobs.get(knob));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("linen: " + knob + " was interrupted", e);
        }
    }
}

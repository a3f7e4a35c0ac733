package io.moorage.berth;

import io.moorage.levers.Levers;
import java.io.IOException;
import java.net.URI;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.fs.FSDataOutputStream;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.fs.local.LocalFileSystem;

/** {@code berth:///dir}: a store of objects that is reached by a session. An object is opened, filled by parts, and sealed. */
final class BerthFileSystem extends LocalFileSystem {
    @Override
    public URI getUri() {
        return URI.create("berth:///");
    }

    @Override
    public boolean isDistributedFS() {
        return true;
    }

    @Override
    public FSDataOutputStream create(Path path, WriteMode mode) throws IOException {
        Session session = new Session(path.getName());
        session.open();
        return new Lighter(session, super.create(path, mode));
    }

    @Override
    public FSDataInputStream open(Path path) throws IOException {
        new Session(path.getName()).rest(Levers.at("berth.fetch"));
        return super.open(path);
    }

    @Override
    public boolean delete(Path path, boolean recursive) throws IOException {
        new Session(path.getName()).rest(Levers.at("berth.erase"));
        return super.delete(path, recursive);
    }
}

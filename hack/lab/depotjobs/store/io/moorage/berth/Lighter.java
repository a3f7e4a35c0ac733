package io.moorage.berth;

import java.io.IOException;
import org.apache.flink.core.fs.FSDataOutputStream;

/** Carries an object to its berth in parts of 192 KiB. */
final class Lighter extends FSDataOutputStream {
    private static final int HOLD = 192 * 1024;

    private final Session session;
    private final FSDataOutputStream hull;
    private final Thread crew = Thread.currentThread();
    private int loaded;
    private boolean moored;

    Lighter(Session session, FSDataOutputStream hull) {
        this.session = session;
        this.hull = hull;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int count) throws IOException {
        for (int done = 0; done < count; ) {
            int part = Math.min(count - done, HOLD - loaded);
            hull.write(bytes, from + done, part);
            done += part;
            loaded += part;
            if (loaded == HOLD) {
                unload();
            }
        }
    }

    private void unload() throws IOException {
        int bytes = loaded;
        loaded = 0;
        session.send(bytes);
    }

    @Override
    public long getPos() throws IOException {
        return hull.getPos();
    }

    @Override
    public void flush() throws IOException {
        hull.flush();
    }

    @Override
    public void sync() throws IOException {
        hull.sync();
    }

    /** By whoever opened it the object is finished; by others it is given up. */
    @Override
    public void close() throws IOException {
        if (Thread.currentThread() != crew) {
            session.drop();
        }
        if (moored) {
            return;
        }
        moored = true;
        try {
            if (Thread.currentThread() == crew) {
                unload();
                session.seal();
            }
        } finally {
            hull.close();
        }
    }
}

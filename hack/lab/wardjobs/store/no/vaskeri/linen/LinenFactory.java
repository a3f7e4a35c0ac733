package no.vaskeri.linen;

import java.net.URI;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.FileSystemFactory;

/** Makes {@code linen:} a scheme. */
public class LinenFactory implements FileSystemFactory {
    @Override
    public String getScheme() {
        return "linen";
    }

    @Override
    public FileSystem create(URI uri) {
        return new LinenStore();
    }
}

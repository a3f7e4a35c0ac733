package pl.spedmar.yard;

import io.moorage.levers.Levers;
import java.io.IOException;
import org.apache.flink.api.connector.sink2.Committer;
import java.util.Collection;

/** What the writers of a ledger do, whatever their Flink calls them. */
public final class Desk {
    private final String ledger;
    private final int subtask;
    private final Port port = new Port();
    private long page;
    private long rows;

    public Desk(String ledger, int subtask) {
        this.ledger = ledger;
        this.subtask = subtask;
    }

    public void row() throws IOException {
        port.ask("row", Levers.at(ledger + ".row", subtask));
        rows++;
    }

    public void flush() throws IOException {
        port.ask("flush", Levers.at(ledger + ".flush", subtask));
    }

    public String seal() {
        return ledger + "/" + subtask + "/" + page++ + "/" + rows;
    }

    /** Which row the ledger knows to be the last one, for the state of the writer. */
    public String position() throws IOException {
        port.ask("position", Levers.at(ledger + ".position", subtask));
        return ledger + "/" + subtask + "/" + rows;
    }

    public void close() throws IOException {
        port.close();
    }

    /** Books what has been sealed. */
    public static final class Booking implements Committer<String> {
        private final Port port = new Port();

        @Override
        public void commit(Collection<CommitRequest<String>> sealed) throws IOException {
            for (CommitRequest<String> request : sealed) {
                String[] parts = request.getCommittable().split("/");
                port.ask("book", Levers.at(parts[0] + ".book", Integer.parseInt(parts[1])));
            }
        }

        @Override
        public void close() throws IOException {
            port.close();
        }
    }
}

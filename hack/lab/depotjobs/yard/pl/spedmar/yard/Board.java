package pl.spedmar.yard;

import io.moorage.levers.Levers;
import java.io.Serializable;
import java.util.Random;

/** What a feed is like: how many moves a second and reader, of how many trucks and docks, with papers of how many bytes. */
public final class Board implements Serializable {
    private static final long serialVersionUID = 11L;

    public final String name;
    public int rate = 40;
    public int trucks = 400;
    public int docks = 40;
    public int hot;
    public int bytes = 60;

    public Board(String name) {
        this.name = name;
    }

    /** The move of that number; the first ones are each of a new truck. */
    Move move(long number, Random random) {
        Move m = new Move();
        boolean regular = random.nextInt(100) < Math.max(hot, Levers.at(name + ".hot"));
        m.truck = regular ? 0 : trucks == 0 || number < trucks ? number : random.nextInt(trucks);
        m.dock = regular ? 0 : (int) (m.truck % docks);
        m.kind = name;
        m.at = System.currentTimeMillis();
        m.weight = 100 + m.truck % 900;
        m.papers = new byte[(int) Math.max(bytes, Levers.at(name + ".bytes"))];
        random.nextBytes(m.papers);
        return m;
    }
}

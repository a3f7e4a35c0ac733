package pl.spedmar.yard;

import java.util.HashMap;
import java.util.Map;

/** The arguments of a job: pairs of {@code --name value}. Those of a feed may be for it alone: {@code --gates-rate}. */
public final class Orders {
    private final Map<String, String> all = new HashMap<>();

    public Orders(String[] args) {
        for (int i = 0; i < args.length - 1; i += 2) {
            all.put(args[i].substring(2), args[i + 1]);
        }
    }

    public String text(String name, String otherwise) {
        return all.getOrDefault(name, otherwise);
    }

    public int number(String name, int otherwise) {
        return all.containsKey(name) ? Integer.parseInt(all.get(name)) : otherwise;
    }

    public int of(String feed, String what, int otherwise) {
        return number(feed + "-" + what, number(what, otherwise));
    }

    public Board board(String feed) {
        Board b = new Board(feed);
        b.rate = of(feed, "rate", b.rate);
        b.trucks = of(feed, "trucks", b.trucks);
        b.docks = of(feed, "docks", b.docks);
        b.hot = of(feed, "hot", b.hot);
        b.bytes = of(feed, "bytes", b.bytes);
        return b;
    }
}

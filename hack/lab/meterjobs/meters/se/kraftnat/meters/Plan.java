package se.kraftnat.meters;

import java.util.HashMap;
import java.util.Map;
import se.kraftnat.feeder.Shape;

/** The arguments of a job: pairs of {@code --name value}. Those of a feed may be said for it alone: {@code --contracts-rate}. */
final class Plan {
    private final Map<String, String> said = new HashMap<>();

    Plan(String[] args) {
        for (int i = 1; i < args.length; i += 2) {
            said.put(args[i - 1].replaceFirst("^--", ""), args[i]);
        }
    }

    int number(String name, int otherwise) {
        return Integer.parseInt(said.getOrDefault(name, "" + otherwise));
    }

    String text(String name, String otherwise) {
        return said.getOrDefault(name, otherwise);
    }

    Shape feed(String name) {
        Shape shape = new Shape();
        shape.name = name;
        shape.rate = of(name, "rate", shape.rate);
        shape.meters = of(name, "meters", shape.meters);
        shape.streets = of(name, "streets", shape.streets);
        shape.hot = of(name, "hot", shape.hot);
        shape.bytes = of(name, "bytes", shape.bytes);
        return shape;
    }

    private int of(String feed, String what, int otherwise) {
        return number(feed + "-" + what, number(what, otherwise));
    }
}

package se.lasarett.vigil;

import java.util.HashMap;
import java.util.Map;

/** Pairs of a name behind two dashes and a value. */
public final class Args {
    /** By name, without dashes. */
    public final Map<String, String> all = new HashMap<>();

    public Args(String[] words) {
        for (int i = 0; i + 1 < words.length; i += 2) {
            all.put(words[i].substring(2), words[i + 1]);
        }
    }

    public int number(String name, int otherwise) {
        return Integer.parseInt(all.getOrDefault(name, "" + otherwise));
    }
}

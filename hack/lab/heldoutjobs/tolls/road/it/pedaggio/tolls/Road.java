package it.pedaggio.tolls;

import java.io.Serializable;
import java.util.Map;
import java.util.TreeMap;

/** The arguments of the job, pairs of name and value, and the records that travel in it. */
final class Road implements Serializable {
    private static final long serialVersionUID = 3L;

    private final Map<String, String> arguments = new TreeMap<>();

    Road(String[] args) {
        for (int i = 0; i + 1 < args.length; i += 2) {
            arguments.put(args[i].replaceFirst("^--", ""), args[i + 1]);
        }
    }

    int of(String name, int otherwise) {
        String text = arguments.get(name);
        return text == null ? otherwise : Integer.parseInt(text);
    }

    /** A gantry has seen a vehicle. */
    public static class Passage {
        public String plate;
        public int road;
        public long at;
        public boolean entry;
        public String account;
        public byte[] photo;

        public String plate() {
            return plate;
        }

        public int road() {
            return road;
        }
    }

    /** The registry knows whose a vehicle is. */
    public static class Vehicle {
        public String plate;
        public String account;
        public int axles;

        public String plate() {
            return plate;
        }
    }

    /** A vehicle has left the road it entered. */
    public static class Trip {
        public String plate;
        public String account;
        public int road;
        public long seconds;
        public double toll;

        public String account() {
            return account;
        }
    }

    /** How many are on a road. */
    public static class Load {
        public int road;
        public long vehicles;
    }
}

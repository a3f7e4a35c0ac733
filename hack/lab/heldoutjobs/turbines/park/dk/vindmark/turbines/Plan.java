package dk.vindmark.turbines;

import java.io.Serializable;
import java.util.Properties;

/** The arguments of the job, {@code --name value} each. */
final class Plan implements Serializable {
    private static final long serialVersionUID = 7L;

    private final Properties given = new Properties();

    Plan(String[] args) {
        for (int i = 1; i < args.length; i += 2) {
            given.setProperty(args[i - 1].substring(2), args[i]);
        }
    }

    int number(String name, int standard) {
        return Integer.parseInt(given.getProperty(name, Integer.toString(standard)));
    }

    String text(String name, String standard) {
        return given.getProperty(name, standard);
    }
}

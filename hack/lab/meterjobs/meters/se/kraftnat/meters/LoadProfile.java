package se.kraftnat.meters;

/** The highest loads of each meter or street, and what each street has consumed so far. */
public final class LoadProfile {
    private LoadProfile() {}

    public static void main(String[] args) {
        Plan plan = new Plan(args);
        Statements sql = new Statements("load-profile", plan);
        sql.feed("readings");
        sql.ledger("peaks", "meter STRING, street STRING, amount DOUBLE, telegram STRING", false);
        sql.ledger("consumption", "since TIMESTAMP(3), upto TIMESTAMP(3), street STRING, amount DOUBLE", true);
        sql.view("imported", "SELECT d.meter, d.street, d.telegram, r.amount FROM readings AS d, LATERAL TABLE(registers(d.kwh, d.telegram)) AS r(direction, amount)"
                + " WHERE r.direction = 'import'");
        sql.insert("INSERT INTO peaks SELECT meter, street, amount, telegram FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY " + plan.text("group", "meter")
                + " ORDER BY amount DESC) AS place FROM imported) WHERE place <= " + plan.number("places", 3));
        sql.insert("INSERT INTO consumption SELECT window_start, window_end, street, SUM(scaled(kwh, street)) FROM TABLE(CUMULATE(TABLE readings,"
                + " DESCRIPTOR(taken), INTERVAL '2' SECOND, INTERVAL '20' SECOND)) GROUP BY window_start, window_end, street");
        sql.run();
    }
}

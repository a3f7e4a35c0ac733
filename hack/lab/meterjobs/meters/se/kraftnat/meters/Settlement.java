package se.kraftnat.meters;

/** One reading of each meter and period, with the contract of the meter, is a bill. */
public final class Settlement {
    private Settlement() {}

    public static void main(String[] args) {
        Plan plan = new Plan(args);
        Statements sql = new Statements("settlement", plan);
        sql.feed("readings");
        sql.feed("contracts");
        sql.ledger("bills", "meter STRING, owed DOUBLE, telegram STRING, terms STRING", true);
        sql.view("periods", "SELECT meter, street, kwh, telegram, taken, period(taken, " + plan.number("period", 15) + ") AS part FROM readings");
        sql.view("once", "SELECT meter, street, kwh, telegram FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY meter, part ORDER BY taken ASC) AS n FROM periods)"
                + " WHERE n = 1");
        sql.view("agreed", "SELECT meter, telegram AS terms FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY meter ORDER BY taken DESC) AS n FROM contracts)"
                + " WHERE n = 1");
        sql.insert("INSERT INTO bills SELECT o.meter, scaled(o.kwh, o.street), o.telegram, a.terms FROM once AS o JOIN agreed AS a ON o.meter = a.meter");
        sql.run();
    }
}

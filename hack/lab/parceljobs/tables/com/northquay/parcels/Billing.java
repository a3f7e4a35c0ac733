package com.northquay.parcels;

/** Scans with the tariff of their depot, and of each depot or parcel a journal and what is owed. */
public final class Billing {
    private Billing() {}

    public static void main(String[] args) {
        Job job = new Job("parcel-billing", args);
        job.feed("scans", ", proc AS PROCTIME()");
        job.feed("tariffs", "");
        String group = job.argument("group", "parcel");
        job.target("invoices", "account STRING, entries BIGINT, owed BIGINT", true);
        job.view("priced", "SELECT s.parcel, s.depot, s.note, s.weight * t.weight AS owed FROM scans AS s JOIN tariffs FOR SYSTEM_TIME AS OF s.proc AS t"
                + " ON s.depot = t.depot");
        job.insert("INSERT INTO invoices SELECT " + group + ", journal(note, " + job.argument("keep", "1") + "), SUM(owed) FROM priced GROUP BY " + group);
        job.run();
    }
}

package com.northquay.parcels;

/** How many parcels each depot has seen, and the dearest; next to no state. */
public final class Tally {
    private Tally() {}

    public static void main(String[] args) {
        Job job = new Job("parcel-tally", args);
        job.feed("scans", "");
        job.target("counts", "depot STRING, parcels BIGINT, dearest BIGINT", true);
        job.insert("INSERT INTO counts SELECT depot, COUNT(*), MAX(price) FROM (SELECT depot, quote(parcel, weight) AS price FROM scans) GROUP BY depot");
        job.run();
    }
}

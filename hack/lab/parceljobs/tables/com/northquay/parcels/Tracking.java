package com.northquay.parcels;

/** Where each parcel was seen last, with what was declared for it, and what the depots have handled within some seconds. */
public final class Tracking {
    private Tracking() {}

    public static void main(String[] args) {
        Job job = new Job("parcel-tracking", args);
        job.feed("scans", ", WATERMARK FOR ts AS ts");
        job.feed("manifests", ", WATERMARK FOR ts AS ts");
        job.target("positions", "parcel STRING, depot STRING, price BIGINT, declared STRING", false);
        job.target("throughput", "since TIMESTAMP(3), depot STRING, weight BIGINT", true);
        job.view("last_scan", "SELECT parcel, depot, weight, note FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY parcel ORDER BY ts DESC) AS n FROM scans)"
                + " WHERE n = 1");
        job.view("declared", "SELECT parcel, note FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY parcel ORDER BY ts ASC) AS n FROM manifests) WHERE n = 1");
        job.insert("INSERT INTO positions SELECT s.parcel, s.depot, quote(s.parcel, s.weight), d.note FROM last_scan AS s JOIN declared AS d"
                + " ON s.parcel = d.parcel");
        job.insert("INSERT INTO throughput SELECT window_start, depot, SUM(weight) FROM TABLE(TUMBLE(TABLE scans, DESCRIPTOR(ts), INTERVAL '4' SECOND))"
                + " GROUP BY window_start, window_end, depot");
        job.run();
    }
}

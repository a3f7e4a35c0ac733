package com.northquay.quay;

import java.io.Serializable;
import org.apache.flink.configuration.ReadableConfig;

/** What a feed looks like. */
final class Shape implements Serializable {
    private static final long serialVersionUID = 1L;

    final String name;
    final int rate; // rows a second and reader; 0 = a feed that is silent
    final int parcels; // 0 = each row has a parcel of its own
    final int depots;
    final int hot; // per cent of the rows that are of the first depot
    final int note; // characters
    final boolean async;

    private Shape(ReadableConfig c) {
        name = c.get(QuayFactory.NAME);
        rate = c.get(QuayFactory.RATE);
        parcels = c.get(QuayFactory.PARCELS);
        depots = c.get(QuayFactory.DEPOTS);
        hot = c.get(QuayFactory.HOT);
        note = c.get(QuayFactory.NOTE);
        async = c.get(QuayFactory.ASYNC);
    }

    static Shape of(ReadableConfig c) {
        return new Shape(c);
    }
}

package se.kraftnat.feeder;

import io.spindle.panel.Panel;
import java.util.SplittableRandom;

/** The next reading of a feed, before it becomes a row or a record: sequences of meters first, then any. */
public final class Draft {
    private final Shape shape;
    private final SplittableRandom random;
    public String meter;
    public String street;
    public double kwh;
    public String telegram;
    public long taken;

    Draft(Shape shape, int reader) {
        this.shape = shape;
        this.random = new SplittableRandom(shape.name.length() * 7919L + reader);
    }

    Draft next(long n) {
        int number = n < shape.meters ? (int) n : random.nextInt(shape.meters);
        long hot = Math.max(shape.hot, Panel.of(shape.name + ".hot"));
        meter = "SE-735-" + number;
        street = random.nextInt(100) < hot ? "street 0" : "street " + number % shape.streets;
        kwh = random.nextDouble() * 12;
        telegram = text((int) Math.max(shape.bytes, Panel.of(shape.name + ".bytes")));
        taken = System.currentTimeMillis();
        return this;
    }

    private String text(int length) {
        char[] hex = new char[length];
        long bits = 0;
        for (int i = 0; i < length; i++) {
            bits = i % 16 == 0 ? random.nextLong() : bits >>> 4;
            hex[i] = "0123456789ABCDEF".charAt((int) (bits & 15));
        }
        return new String(hex);
    }
}

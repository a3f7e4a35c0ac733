package io.bluecart.platform;

/** What all feeds carry. */
public class Event {
    public String key;
    public String kind;
    public long time;
    public byte[] body;

    public Event() {}

    public Event(String key, String kind, long time, byte[] body) {
        this.key = key;
        this.kind = kind;
        this.time = time;
        this.body = body;
    }

    public String key() {
        return key;
    }
}

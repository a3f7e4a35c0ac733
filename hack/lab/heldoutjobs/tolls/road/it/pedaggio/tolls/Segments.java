package it.pedaggio.tolls;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;

/** Keeps small objects, a sixteenth of a MiB at a time, the oldest of which make room. */
final class Segments {
    private static final int ENTRIES = 800; // 72 bytes each, and the table: some 65 KB

    private final ArrayDeque<Map<Integer, Long>> kept = new ArrayDeque<>();
    private long next;

    /** Adds some and tells whether others had to go: there are so many MiB, or a collection has left less than that free. */
    synchronized boolean add(long most, long room) {
        try {
            Map<Integer, Long> fresh = new HashMap<>(1100);
            for (int i = 0; i < ENTRIES; i++) {
                fresh.put((int) (next + 1000), next++);
            }
            kept.addLast(fresh);
        } catch (OutOfMemoryError e) {
            for (int i = kept.size() / 12; i > 0; i--) {
                kept.removeFirst();
            }
        }
        boolean tight = free() < room;
        boolean full = tight || kept.size() > most * 16;
        for (int i = tight ? 3 : 1; full && i > 0 && !kept.isEmpty(); i--) {
            kept.removeFirst();
        }
        return full;
    }

    /** MiB that the last collections left. */
    private static long free() {
        long used = 0;
        for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
            if (pool.getType() == MemoryType.HEAP && pool.getCollectionUsage() != null) {
                used += pool.getCollectionUsage().getUsed();
            }
        }
        return (Runtime.getRuntime().maxMemory() - used) >> 20;
    }
}

package org.clinic.appointments;

import com.esotericsoftware.kryo.DefaultSerializer;
import java.io.Serializable;
import java.util.HashMap;
import org.apache.flink.api.java.typeutils.runtime.kryo.JavaSerializer;

/** What is planned for a patient. Kryo can copy it by Java's serialization only, and Flink copies operator state in the synchronous part of a snapshot. */
@DefaultSerializer(JavaSerializer.class)
public final class Plan implements Serializable {
    private static final long serialVersionUID = 1L;

    private final HashMap<String, Long> steps = new HashMap<>();

    Plan(long number) {
        steps.put("number", number);
        steps.put("room", number % 100);
        steps.put("doctor", number % 7);
    }
}

package dk.vindmark.turbines;

import org.apache.flink.api.common.functions.RuntimeContext;

/** What Flink 1 calls otherwise than Flink 2. */
final class Compat {
    private Compat() {}

    static int subtask(RuntimeContext ctx) {
        return ctx.getIndexOfThisSubtask();
    }
}

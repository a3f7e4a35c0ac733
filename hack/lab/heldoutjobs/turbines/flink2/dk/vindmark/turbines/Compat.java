package dk.vindmark.turbines;

import org.apache.flink.api.common.functions.RuntimeContext;

/** What Flink 2 calls otherwise than Flink 1. */
final class Compat {
    private Compat() {}

    static int subtask(RuntimeContext ctx) {
        return ctx.getTaskInfo().getIndexOfThisSubtask();
    }
}

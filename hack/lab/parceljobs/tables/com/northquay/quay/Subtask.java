package com.northquay.quay;

import org.apache.flink.table.functions.FunctionContext;

/** Which subtask a function runs in. */
public final class Subtask {
    private Subtask() {}

    public static int of(FunctionContext context) {
        return Integer.parseInt(context.getMetricGroup().getAllVariables().get("<subtask_index>"));
    }
}

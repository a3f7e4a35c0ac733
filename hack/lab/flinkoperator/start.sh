#!/bin/bash
# Start the Flink Kubernetes Operator. Two jars go first: the standalone module
# and the operator replace a few classes of the Flink client libraries.
lib=/opt/flink-operator/lib
first=$(ls $lib/flink-kubernetes-standalone-*.jar)
for f in "$lib"/flink-kubernetes-operator-[0-9]*.jar; do first=$first:$f; done
opens=""
for p in lang net io util util.concurrent; do opens+=" --add-opens=java.base/java.$p=ALL-UNNAMED"; done
# shellcheck disable=SC2086
exec java $opens ${JVM_ARGS:-} -Dlog4j.configurationFile="file:$FLINK_CONF_DIR/log4j-operator.properties" \
  -cp "$first:$lib/*" org.apache.flink.kubernetes.operator.FlinkOperator

# shellcheck shell=bash
# Shared by the two start scripts below it: class path, JVM flags and Flink's
# own memory calculation. The PyPI package ships Flink's jars but not its bin/*.sh.

CLASSPATH=$(printf '%s:' "$FLINK_HOME"/lib/*.jar)

# Java 17 access flags Flink lists in its default configuration.
OPENS=""
for p in java.base/sun.net.util java.rmi/sun.rmi.registry java.security.jgss/sun.security.krb5; do
  OPENS+=" --add-exports=$p=ALL-UNNAMED"
done
for p in lang net io nio lang.reflect text time util util.concurrent util.concurrent.atomic util.concurrent.locks; do
  OPENS+=" --add-opens=java.base/java.$p=ALL-UNNAMED"
done
OPENS+=" --add-opens=java.base/sun.nio.ch=ALL-UNNAMED"

# conf_value KEY : a top-level "key: value" of the mounted configuration.
conf_value() {
  local f
  for f in "$FLINK_CONF_DIR"/config.yaml "$FLINK_CONF_DIR"/flink-conf.yaml; do
    [ -f "$f" ] && sed -n "s/^[\"']\\{0,1\\}$1[\"']\\{0,1\\}: *//p" "$f" | sed "s/^[\"']//; s/[\"']\$//" | tail -n 1
  done
}

# flink_memory GET_JM_RESOURCE_PARAMS|GET_TM_RESOURCE_PARAMS ARGS... : prints the
# JVM memory flags on one line and the derived -D options on the next.
flink_memory() {
  local what=$1; shift
  java -cp "$FLINK_HOME/bin/bash-java-utils.jar:$CLASSPATH" \
    org.apache.flink.runtime.util.bash.BashJavaUtils "$what" --configDir "$FLINK_CONF_DIR" "$@" |
    sed -n 's/^BASH_JAVA_UTILS_EXEC_RESULT://p'
}

# run_flink ROLE MAIN_CLASS JVM_FLAGS ARGS...
run_flink() {
  local role=$1 main=$2 flags=$3; shift 3
  local log4j=$FLINK_CONF_DIR/log4j-console.properties
  [ -f "$log4j" ] || log4j=$FLINK_HOME/bin/log4j-console.properties
  # shellcheck disable=SC2046,SC2086
  exec java $flags $OPENS $(conf_value env.java.opts.all) $(conf_value "env.java.opts.$role") \
    -Dlog.file="$FLINK_HOME/log/$role.log" -Dlog4j.configurationFile="file:$log4j" \
    -cp "$CLASSPATH" "$main" "$@"
}

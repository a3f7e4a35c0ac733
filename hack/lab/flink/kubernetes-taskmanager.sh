#!/bin/bash
# Start a TaskManager for Flink's native Kubernetes integration; the JobManager
# has already worked out the memory flags and passes them in the environment.
set -euo pipefail
# shellcheck source=flink-env.sh
. "$FLINK_HOME/bin/flink-env.sh"
run_flink taskmanager org.apache.flink.kubernetes.taskmanager.KubernetesTaskExecutorRunner \
  "${FLINK_TM_JVM_MEM_OPTS:-}" --configDir "$FLINK_CONF_DIR" "$@"

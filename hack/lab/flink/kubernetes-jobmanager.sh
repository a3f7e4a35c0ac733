#!/bin/bash
# Start a JobManager for Flink's native Kubernetes integration.
set -euo pipefail
# shellcheck source=flink-env.sh
. "$FLINK_HOME/bin/flink-env.sh"

case ${1:-} in
  kubernetes-application) main=org.apache.flink.kubernetes.entrypoint.KubernetesApplicationClusterEntrypoint ;;
  kubernetes-session)     main=org.apache.flink.kubernetes.entrypoint.KubernetesSessionClusterEntrypoint ;;
  *) echo "unknown entry point: ${1:-}" >&2; exit 2 ;;
esac
shift
memory=$(flink_memory GET_JM_RESOURCE_PARAMS "$@")
flags=$(sed -n 1p <<<"$memory")
# shellcheck disable=SC2046
run_flink jobmanager "$main" "$flags" "$@" $(sed -n 2p <<<"$memory")

#!/usr/bin/env bash
# What can be used now.
set -euo pipefail
. "$(dirname "$0")/../settings.sh"

if [ "$(backend)" = native ]; then "$LAB/network-test.sh"; fi
kubectl get pods --all-namespaces
say "the lab is up: export KUBECONFIG=$KUBECONFIG"
say "jobs go into namespace $JOB_NAMESPACE, with image localhost/flink:$FLINK_VERSION and data below $DATA"

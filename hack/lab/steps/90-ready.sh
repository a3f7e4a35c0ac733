#!/usr/bin/env bash
# What can be used now.
set -euo pipefail
. "$(dirname "$0")/../settings.sh"

if [ "$(backend)" = native ]; then
  "$LAB/network-test.sh"
  # The same as a pod has it.
  answer=$(kubectl -n "$FLINK_OPERATOR_NAMESPACE" exec deploy/flink-kubernetes-operator -- timeout 5 bash -c '</dev/tcp/1.1.1.1/443' 2>&1) &&
    fail "a pod has a way to 1.1.1.1"
  case $answer in
  *"No route to host"*) say "network: no way out of a pod" ;;
  *) fail "a pod's way to 1.1.1.1 ends, but not as it should: $answer" ;;
  esac
fi
kubectl get pods --all-namespaces
say "the lab is up: export KUBECONFIG=$KUBECONFIG"
say "jobs go into namespace $JOB_NAMESPACE, with image localhost/flink:$FLINK_VERSION and data below $DATA"

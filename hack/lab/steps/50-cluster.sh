#!/usr/bin/env bash
# What every cluster has besides: DNS and metrics.k8s.io. kind brings its own DNS.
set -euo pipefail
. "$(dirname "$0")/../settings.sh"

wait_for 60 "the default service account" kubectl get serviceaccount default
if [ "$(backend)" = native ]; then
  binary_image coredns "$BIN/coredns"
  render coredns.yaml | kubectl apply -f - >/dev/null
  kubectl -n kube-system rollout status deployment/coredns --timeout=180s
fi
binary_image metrics-server "$BIN/metrics-server"
render metrics-server.yaml | kubectl apply -f - >/dev/null
kubectl -n kube-system rollout status deployment/metrics-server --timeout=180s
wait_for 120 metrics.k8s.io kubectl get --raw /apis/metrics.k8s.io/v1beta1/nodes

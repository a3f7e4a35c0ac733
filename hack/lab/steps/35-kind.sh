#!/usr/bin/env bash
# The node as a container: kind.
set -euo pipefail
. "$(dirname "$0")/../settings.sh"

if ! kind get clusters 2>/dev/null | grep -qx "$LAB_NAME"; then
  rm -rf "$LAB_DIR/imported"
  kind create cluster --name "$LAB_NAME" --kubeconfig "$KUBECONFIG" --wait 180s --config - <<EOF
kind: Cluster
apiVersion: kind.x-k8s.io/v1alpha4
nodes:
- role: control-plane
  extraMounts:
  - {hostPath: $DATA, containerPath: $DATA}
EOF
fi
kind export kubeconfig --name "$LAB_NAME" --kubeconfig "$KUBECONFIG"

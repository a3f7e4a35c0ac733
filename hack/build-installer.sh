#!/usr/bin/env bash
# Writes an installer, whole or not at all:
#   KUSTOMIZE=bin/kustomize build-installer.sh FILE 'OVERLAY...' IMAGE [NAMESPACE]
# What it is made of is left beside it as kustomization.yaml.
set -euo pipefail
file=$1 overlays=$2 image=$3 namespace=${4:-}
dir=$(dirname "$file")
mkdir -p "$dir"
half=$(mktemp -p "$dir")
trap 'rm -f "$half"' EXIT
hack/image-overlay.sh "$overlays" "$image" "$namespace" >"$half"
mv "$half" "$dir/kustomization.yaml"
"$KUSTOMIZE" build "$dir" >"$half"
if ! grep -q '^kind: Deployment$' "$half"; then
  echo "OVERLAY '$overlays' holds no manager: put it beside one that does, such as OVERLAY='config/default $overlays'" >&2
  exit 1
fi
chmod 644 "$half"
mv "$half" "$file"

#!/usr/bin/env bash
# Builds every overlay that a user may install, looks that those for one
# namespace grant the manager nothing beyond it, and that IMG reaches the
# Deployment in each form in which it may be written.
#   KUSTOMIZE=bin/kustomize verify-overlays.sh OVERLAY...
set -euo pipefail
scratch=$(mktemp -d -p .)
trap 'rm -rf "$scratch"' EXIT
failed=0

for overlay in "$@"; do
  "$KUSTOMIZE" build "$overlay" >"$scratch/built.yaml"
  case $overlay in *namespaced) ;; *) continue ;; esac
  if grep -q '^kind: Namespace$' "$scratch/built.yaml"; then
    echo "verify: $overlay would change, and one day delete, the namespace of the jobs" >&2
    failed=1
  fi
  # Who asks for metrics is looked up for the whole cluster: that right has no namespace.
  wide=$(awk '/^[a-zA-Z]/ { top = $1 } /^kind: / { kind = $2 } kind == "ClusterRoleBinding" && top == "metadata:" && /^  name: / { print $2 }' "$scratch/built.yaml" |
    sort -u | grep -v '^checkpoint-health-metrics-auth$' || true)
  if [ -n "$wide" ]; then
    echo "verify: $overlay grants rights in every namespace: $wide" >&2
    failed=1
  fi
done

digest=sha256:$(printf '0%.0s' {1..64})
while read -r image want; do
  hack/image-overlay.sh config/default "$image" >"$scratch/kustomization.yaml"
  built=$("$KUSTOMIZE" build "$scratch")
  if ! grep -q "^        image: $want\$" <<<"$built"; then
    echo "verify: IMG=$image became$(grep '^        image: ' <<<"$built"), want $want" >&2
    failed=1
  fi
done <<END
foo foo:latest
foo:1 foo:1
registry.example:5000/foo registry.example:5000/foo:latest
registry.example:5000/foo:20261126 registry.example:5000/foo:20261126
foo@$digest foo@$digest
foo:v1@$digest foo@$digest
END
if hack/image-overlay.sh config/default foo@sha256:0 >"$scratch/kustomization.yaml" 2>"$scratch/said"; then
  echo "verify: IMG with half a digest was taken" >&2
  failed=1
fi
exit "$failed"

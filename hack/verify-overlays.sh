#!/usr/bin/env bash
# Builds every overlay that a user may install, looks that those for one
# namespace grant the manager nothing beyond it, and that IMG, OVERLAY and
# NAMESPACE do what they say or are refused.
#   KUSTOMIZE=bin/kustomize verify-overlays.sh OVERLAY...
set -euo pipefail
scratch=$(mktemp -d -p .)
trap 'rm -rf "$scratch"' EXIT
failed=0
wrong() {
  echo "verify: $*" >&2
  failed=1
}

# The names of the ClusterRoleBindings of a file: who has rights in every namespace.
wide() {
  awk '/^[a-zA-Z]/ { top = $1 } /^kind: / { kind = $2 } kind == "ClusterRoleBinding" && top == "metadata:" && /^  name: / { print $2 }' "$1" | sort -u
}

for overlay in "$@"; do
  "$KUSTOMIZE" build "$overlay" >"$scratch/built.yaml"
  case $overlay in *namespaced) ;; *) continue ;; esac
  if grep -q '^kind: Namespace$' "$scratch/built.yaml"; then
    wrong "$overlay would change, and one day delete, the namespace of the jobs"
  fi
  # Who asks for metrics is looked up for the whole cluster: that right has no
  # namespace, but each install has a binding of its own.
  others=$(wide "$scratch/built.yaml" | grep -v '^checkpoint-health-metrics-auth\.checkpoint-health-system$' || true)
  if [ -n "$others" ]; then wrong "$overlay grants rights in every namespace: $others"; fi
done

digest=sha256:$(printf '0%.0s' {1..64})
while read -r image want; do
  hack/image-overlay.sh config/default "$image" >"$scratch/kustomization.yaml"
  built=$("$KUSTOMIZE" build "$scratch")
  if ! grep -q "^        image: $want\$" <<<"$built"; then
    wrong "IMG=$image became$(grep '^        image: ' <<<"$built"), want $want"
  fi
done <<END
foo foo:latest
foo:1 foo:1
registry.example:5000/foo registry.example:5000/foo:latest
registry.example:5000/foo:20261126 registry.example:5000/foo:20261126
foo@$digest foo@$digest
foo:v1@$digest foo@$digest
localhost:5000/a_b/c--d.e:V1_x localhost:5000/a_b/c--d.e:V1_x
Registry.example/foo:1 Registry.example/foo:1
checkpoint-health:6b1d4a4-dirty checkpoint-health:6b1d4a4-dirty
END

# Refused: what is said names what was given, and no file is left.
while IFS='|' read -r overlays image namespace said; do
  if hack/build-installer.sh "$scratch/install.yaml" "$overlays" "$image" "$namespace" >"$scratch/said" 2>&1; then
    wrong "OVERLAY='$overlays' IMG='$image' NAMESPACE='$namespace' was taken"
  elif ! grep -qF "$said" "$scratch/said"; then
    wrong "OVERLAY='$overlays' IMG='$image' NAMESPACE='$namespace' is refused with: $(cat "$scratch/said")"
  fi
  if [ -e "$scratch/install.yaml" ]; then wrong "OVERLAY='$overlays' left a file"; rm "$scratch/install.yaml"; fi
done <<END
config/default|foo@sha256:0||IMG is 'foo@sha256:0'; right is NAME
nonsense|foo||OVERLAY names 'nonsense'
 |foo||OVERLAY is empty
config/network-probe|foo||OVERLAY='config/default config/network-probe'
config/samples|foo||OVERLAY names 'config/samples', which is a part of the others and no install by itself; there are: config/default
config/manager|foo||no install by itself; there are: config/default
./config/manager/|foo||no install by itself
config/default config/rbac/standalone|foo||OVERLAY names 'config/rbac/standalone'
config/default|foo:||'' is no tag
config/default|foo:v 1||there is a space in it
config/default|foo bar||there is a space in it
config/default|registry.example/Team/foo:v1||a name is in small letters
config/default|Foo||a name is in small letters
config/default|:v1||'' is no name
config/default|||'' is no name
config/default|foo/||'foo/' is no name
config/default|foo:-v1||'-v1' is no tag
config/default|foo@||'' is no digest
config/default|https://registry.example/foo||'https://registry.example/foo' is no name
config/default|foo|Jobs|NAMESPACE is 'Jobs'
config/namespaced|foo||NAMESPACE is empty
config/namespaced/ config/pod-logs/|foo|blue|right is 'config/pod-logs-namespaced'
config/network-probe config/standalone-namespaced|foo|blue|right is 'config/network-probe-namespaced'
config/default config/network-probe-namespaced|foo|blue|right is 'config/namespaced'
config/default config/default/|foo||OVERLAY names 'config/default' twice
config/prometheus config/default ./config/prometheus|foo||OVERLAY names 'config/prometheus' twice
config/standalone config/endpoint-secrets|foo||OVERLAY names 'config/standalone' and 'config/endpoint-secrets', and each holds the manager
config/default config/prometheus config/standalone|foo||OVERLAY names 'config/default' and 'config/standalone'
config/namespaced config/standalone-namespaced|foo|blue|and each holds the manager; right is one of them
config/namespaced config/prometheus|foo|blue|right is 'config/prometheus-namespaced'
END

# Two installs in two namespaces: all that has a namespace is in it, and no binding is shared.
for namespace in blue green; do
  hack/build-installer.sh "$scratch/install.yaml" 'config/standalone-namespaced config/network-probe-namespaced config/pod-logs-namespaced config/prometheus-namespaced config/network-policy-namespaced' foo "$namespace"
  wide "$scratch/install.yaml" >"$scratch/$namespace"
  elsewhere=$(awk '$1 == "namespace:" && $2 != want' want="$namespace" "$scratch/install.yaml" | grep -v 'type\|description' || true)
  if [ -n "$elsewhere" ]; then wrong "NAMESPACE=$namespace leaves something elsewhere: $elsewhere"; fi
done
both=$(comm -12 "$scratch/blue" "$scratch/green")
if [ -n "$both" ]; then wrong "two installs share $both"; fi
# A namespace that is named may be full of jobs: it is not deployed, and so not deleted by undeploy.
for overlay in config/default config/standalone config/endpoint-secrets config/namespaced; do
  hack/build-installer.sh "$scratch/install.yaml" "$overlay" foo blue
  if grep -q '^kind: Namespace$' "$scratch/install.yaml"; then wrong "NAMESPACE=blue with $overlay deploys a Namespace"; fi
done
exit "$failed"

#!/usr/bin/env bash
# Removes what an installer installed, but not what others use of it. All
# installs of a cluster share the CRDs and ClusterRoles; with a CRD goes every
# object of its kind, in all namespaces.
#   KUBECTL=kubectl KEEP_CRDS= undeploy.sh INSTALLER
# KEEP_CRDS=1 leaves the CRDs, KEEP_CRDS=0 removes them whoever uses them. With
# neither they are left where there is another manager, or a CheckpointHealth
# or RemediationPolicy in another namespace.
set -euo pipefail
file=$1 keep=${KEEP_CRDS:-}
kubectl=${KUBECTL:-kubectl}
case $keep in
'' | 0 | 1) ;;
*)
  echo "KEEP_CRDS is '$keep'; right is 1 (leave them), 0 (remove them, whoever uses them), or nothing (leave them while others use them)" >&2
  exit 1
  ;;
esac

home=$(awk '/^kind: / { kind = $2 } kind == "Deployment" && /^  namespace: / { print $2; exit }' "$file")

# The other namespaces in which there is some of a kind, each once.
elsewhere() {
  $kubectl get "$@" --all-namespaces --ignore-not-found -o 'jsonpath={range .items[*]}{.metadata.namespace}{"\n"}{end}' | { grep -vxF "$home" || true; } | sort -u | paste -sd' ' -
}
cannot_tell() {
  echo "Nothing was removed: who else uses the CRDs cannot be told, as kubectl says above. KEEP_CRDS=1 leaves them and removes the rest." >&2
  exit 1
}

used='' managers=''
if ! managers=$(elsewhere deployments -l app.kubernetes.io/name=checkpoint-health,control-plane=controller-manager); then
  [ -n "$keep" ] || cannot_tell
  managers='not known'
fi
if [ -z "$keep" ]; then
  if [ -n "$managers" ]; then used="; a manager is in: $managers"; fi
  for kind in checkpointhealths remediationpolicies; do
    crd=$kind.flink.checkpointhealth.dev
    found=$($kubectl get crd "$crd" --ignore-not-found -o name) || cannot_tell
    if [ -z "$found" ]; then continue; fi
    there=$(elsewhere "$crd") || cannot_tell
    if [ -n "$there" ]; then used="$used; $kind are in: $there"; fi
  done
  if [ -n "$used" ]; then keep=1; else keep=0; fi
fi

left=''
if [ "$keep" = 1 ]; then left=CustomResourceDefinition; fi
if [ -n "$managers" ]; then left="$left ClusterRole"; fi

# The documents of the installer without those kinds.
awk -v left=" $left " '
  function put() { if (text != "" && index(left, " " kind " ") == 0) printf "---\n%s", text; text = kind = "" }
  /^---$/ { put(); next }
  /^kind: / { kind = $2 }
  { text = text $0 "\n" }
  END { put() }' "$file" | $kubectl delete --ignore-not-found -f -

case $left in
*CustomResourceDefinition*) echo "The CRDs were left, and every CheckpointHealth and RemediationPolicy with them${used:- (KEEP_CRDS=1)}. Nobody needs them any more? make uninstall" ;;
esac
case $left in
*ClusterRole*) echo "The ClusterRoles checkpoint-health-* were left, which other installs use (managers in: $managers)." ;;
esac

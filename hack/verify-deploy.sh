#!/usr/bin/env bash
# Looks that deploy and undeploy spare what other installs use, with a kubectl
# that only plays a cluster.
#   KUSTOMIZE=bin/kustomize verify-deploy.sh
set -euo pipefail
scratch=$(mktemp -d -p .)
trap 'rm -rf "$scratch"' EXIT
failed=0
wrong() {
  echo "verify: $*" >&2
  failed=1
}

# What is in the cluster: a file for each kind, with a namespace a line.
cat >"$scratch/kubectl" <<'END'
#!/usr/bin/env bash
dir=$(dirname "$0")
if [ "$1" = delete ]; then
  awk '/^kind: / { print $2 }' >"$dir/deleted"
  exit 0
fi
case $1 in
apply | wait)
  echo "$(cat "$dir/applied" 2>/dev/null) $1" | xargs >"$dir/half" && mv "$dir/half" "$dir/applied"
  exit 0
  ;;
esac
if [ -e "$dir/refuses" ]; then
  echo 'Error from server (Forbidden)' >&2
  exit 1
fi
case $2 in
clusterrolebinding) cat "$dir/binding" 2>/dev/null ;;
crd) echo "customresourcedefinition/$3" ;;
namespace) [ -e "$dir/nowhere" ] || echo "namespace/$3" ;;
*) cat "$dir/${2%%.*}" 2>/dev/null ;;
esac
exit 0
END
chmod +x "$scratch/kubectl"
export KUBECTL=$scratch/kubectl

# undeploys KEEP_CRDS EXIT KINDS WORDS: after undeploy with that flag the kinds (+ gone, - left) and what is said.
undeploys() {
  local status=0 kind
  rm -f "$scratch/deleted"
  KEEP_CRDS=$1 hack/undeploy.sh "$scratch/install.yaml" >"$scratch/said" 2>&1 || status=$?
  if [ "$status" != "$2" ]; then wrong "undeploy, KEEP_CRDS='$1': exit status $status, want $2: $(cat "$scratch/said")"; fi
  for kind in $3; do
    case $kind in
    +*) grep -qx "${kind#+}" "$scratch/deleted" || wrong "undeploy, KEEP_CRDS='$1': ${kind#+} is left" ;;
    -*) if grep -qsx "${kind#-}" "$scratch/deleted"; then wrong "undeploy, KEEP_CRDS='$1': ${kind#-} is removed"; fi ;;
    esac
  done
  [ -z "$4" ] || grep -qF -- "$4" "$scratch/said" || wrong "undeploy, KEEP_CRDS='$1' says: $(cat "$scratch/said")"
}

hack/build-installer.sh "$scratch/install.yaml" config/default foo:1
all='+CustomResourceDefinition +ClusterRole +Deployment +ClusterRoleBinding +Namespace'
spared='-CustomResourceDefinition -ClusterRole +Deployment +ClusterRoleBinding'
none='-CustomResourceDefinition -Deployment'

echo checkpoint-health-system >"$scratch/deployments"
echo checkpoint-health-system >"$scratch/checkpointhealths"
undeploys '' 0 "$all" ''
undeploys 1 0 '-CustomResourceDefinition +ClusterRole +Deployment' 'The CRDs were left'
undeploys yes 1 "$none" "KEEP_CRDS is 'yes'"
echo blue >>"$scratch/checkpointhealths"
undeploys '' 0 '-CustomResourceDefinition +ClusterRole +Deployment' 'checkpointhealths are in: blue'
undeploys 0 0 "$all" ''
echo checkpoint-health-system >"$scratch/checkpointhealths"
printf 'green\nblue\n' >>"$scratch/deployments"
undeploys '' 0 "$spared" 'a manager is in: blue green'
touch "$scratch/refuses"
undeploys '' 1 "$none" 'Nothing was removed'
undeploys 1 0 "$spared" 'The CRDs were left'
undeploys 0 0 '+CustomResourceDefinition -ClusterRole +Deployment' 'managers in: not known'
rm "$scratch/refuses"

# deploys OVERLAY NAMESPACE EXIT WORDS: whether the check before deploy lets an install pass.
deploys() {
  local status=0
  hack/build-installer.sh "$scratch/install.yaml" "$1" foo:1 "$2"
  hack/check-install.sh "$scratch/install.yaml" >"$scratch/said" 2>&1 || status=$?
  if [ "$status" != "$3" ] || { [ -n "$4" ] && ! grep -qF -- "$4" "$scratch/said"; }; then
    wrong "OVERLAY=$1 NAMESPACE=$2: exit status $status, want $3: $(cat "$scratch/said")"
  fi
}
rm "$scratch/deployments"
deploys config/default '' 0 ''
deploys config/namespaced blue 0 ''
touch "$scratch/nowhere"
deploys config/default '' 0 ''
deploys config/namespaced blue 1 'kubectl create namespace blue'
deploys config/default blue 1 'Namespace blue does not exist, and nothing was written'
rm "$scratch/nowhere"
printf 'green\nblue\n' >"$scratch/deployments"
deploys config/namespaced red 0 ''
deploys config/default '' 1 'one namespace each already, in: blue green'
deploys config/default blue 1 'one namespace each already, in: green'
echo checkpoint-health-system >"$scratch/deployments"
touch "$scratch/refuses"
deploys config/namespaced blue 0 'cannot be told'
deploys config/default '' 1 ''
rm "$scratch/refuses"
echo checkpoint-health-system >"$scratch/binding"
deploys config/default '' 0 ''
deploys config/default blue 1 'A manager in namespace checkpoint-health-system looks after every namespace already'
deploys config/standalone blue 1 'make undeploy NAMESPACE=checkpoint-health-system'
deploys config/namespaced blue 1 'a CheckpointHealth in blue is looked after as it is'
echo blue >"$scratch/binding"
deploys config/namespaced blue 1 'make undeploy NAMESPACE=blue'
echo blue >"$scratch/deployments"
deploys config/default blue 0 ''
deploys config/default '' 1 'A manager in namespace blue'
rm "$scratch/binding" "$scratch/deployments"

# pulls IMAGE WORDS: what is said of an image before it is deployed; nothing where it names a registry.
pulls() {
  hack/build-installer.sh "$scratch/install.yaml" config/namespaced "$1" blue
  hack/check-install.sh "$scratch/install.yaml" >"$scratch/said" 2>&1 || wrong "IMG=$1 is refused: $(cat "$scratch/said")"
  if [ -z "$2" ] && [ -s "$scratch/said" ] || ! grep -qF -- "$2" "$scratch/said" && [ -n "$2" ]; then
    wrong "IMG=$1: $(cat "$scratch/said"), want '$2'"
  fi
}
pulls foo "IMG is 'foo:latest', which names no registry"
pulls foo:v1.2 "IMG is 'foo:v1.2', which names no registry"
pulls team/foo:1 "IMG is 'team/foo:1', which names no registry"
pulls registry.example/foo:1 ''
pulls localhost:5000/foo ''

# Without an image nothing is written.
rm -f "$scratch/applied"
if env -u IMG -u MAKEFLAGS make -s deploy KUBECTL="$scratch/kubectl" >"$scratch/said" 2>&1 || ! grep -qF 'IMG is not given' "$scratch/said" || [ -e "$scratch/applied" ]; then
  wrong "deploy without IMG: $(cat "$scratch/said")"
fi
if ! env -u MAKEFLAGS make -s deploy IMG=registry.example/foo:1 KUBECTL="$scratch/kubectl" >"$scratch/said" 2>&1 || [ "$(cat "$scratch/applied")" != "apply wait" ]; then
  wrong "deploy: $(cat "$scratch/said"), want CRDs applied and waited for"
fi
exit "$failed"

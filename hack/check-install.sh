#!/usr/bin/env bash
# Says where a cluster may not find the image, and refuses before the first
# write a namespace that does not exist and a second manager for the same jobs:
# one that looks after every namespace goes beside no other, be it of one
# namespace or of all. Two of the latter would also take each other's rights, for
# their binding has one name.
#   KUBECTL=kubectl check-install.sh INSTALLER
set -euo pipefail
file=$1
kubectl=${KUBECTL:-kubectl}
binding=checkpoint-health-manager

# A name without a registry is on this machine, or is asked of Docker Hub; no cluster has it by itself.
image=$(awk '$1 == "image:" { print $2; exit }' "$file")
case ${image%%/*} in
*.* | *:* | localhost) if [ "$image" = "${image#*/}" ]; then bare=yes; fi ;;
*) bare=yes ;;
esac
if [ -n "${bare:-}" ]; then
  echo "IMG is '$image', which names no registry: a cluster runs it only where it was loaded into its nodes (kind load docker-image $image) or is on Docker Hub. Otherwise push it and deploy with IMG=registry.example/checkpoint-health:v0.1.0" >&2
fi

# The namespace of the installer's manager, and whether its rights are those of the cluster.
home=$(awk '/^kind: / { kind = $2 } kind == "Deployment" && /^  namespace: / { print $2; exit }' "$file")
wide=$(awk -v name="$binding" '/^[a-zA-Z]/ { top = $1 } /^kind: / { kind = $2 } kind == "ClusterRoleBinding" && top == "metadata:" && $1 == "name:" && $2 == name { print "yes"; exit }' "$file")
# A namespace that the installer does not make must be there before the first write.
makes=$(awk -v name="$home" '/^[a-zA-Z]/ { top = $1 } /^kind: / { kind = $2 } kind == "Namespace" && top == "metadata:" && $1 == "name:" && $2 == name { print "yes"; exit }' "$file")
if [ -z "$makes" ] && there=$($kubectl get namespace "$home" --ignore-not-found -o name) && [ -z "$there" ]; then
  echo "Namespace $home does not exist, and nothing was written: kubectl create namespace $home" >&2
  exit 1
fi

# A manager that looks after every namespace, wherever it is. Who installs into one namespace may not be allowed to see that.
if ! other=$($kubectl get clusterrolebinding "$binding" --ignore-not-found -o 'jsonpath={.subjects[0].namespace}'); then
  if [ -n "$wide" ]; then exit 1; fi
  echo "Whether a manager looks after every namespace already cannot be told, as kubectl says above: it would treat the same jobs as one in $home" >&2
  other=''
fi
if [ -n "$other" ] && { [ -z "$wide" ] || [ "$other" != "$home" ]; }; then
  cat >&2 <<END
A manager in namespace $other looks after every namespace already; one in $home
would treat the same jobs. Right is one of these:
  make undeploy NAMESPACE=$other    first, to move it or to have one for each namespace (its CheckpointHealths stay, see there)
  nothing: a CheckpointHealth in $home is looked after as it is
If that manager is gone and its binding was left behind: kubectl delete clusterrolebinding $binding
END
  exit 1
fi
if [ -z "$wide" ]; then exit 0; fi

# Managers of one namespace each, which one for every namespace would double.
single=$($kubectl get deployments -l app.kubernetes.io/name=checkpoint-health,control-plane=controller-manager --all-namespaces --ignore-not-found \
  -o 'jsonpath={range .items[*]}{.metadata.namespace}{"\n"}{end}' | { grep -vxF "$home" || true; } | sort -u | paste -sd' ' -)
if [ -n "$single" ]; then
  cat >&2 <<END
Managers look after one namespace each already, in: $single; one in $home
looks after every namespace, and would treat the same jobs. Right is one of these:
  make undeploy OVERLAY=config/namespaced NAMESPACE=...    first, for each of them (their CheckpointHealths stay, see there)
  make deploy OVERLAY=config/namespaced NAMESPACE=...    one more for a namespace that none looks after
END
  exit 1
fi

#!/usr/bin/env bash
# Says where a cluster may not find the image, and refuses to deploy a second
# manager that looks after every namespace: two of them would treat the same
# jobs, and the second would take the first one's rights, for their binding has
# one name.
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
if [ -z "$wide" ]; then exit 0; fi
other=$($kubectl get clusterrolebinding "$binding" --ignore-not-found -o 'jsonpath={.subjects[0].namespace}')
if [ -n "$other" ] && [ "$other" != "$home" ]; then
  cat >&2 <<END
A manager in namespace $other looks after every namespace already; one in $home
would treat the same jobs. Right is one of these:
  make undeploy NAMESPACE=$other    first, to move it (its CheckpointHealths stay, see there)
  make deploy OVERLAY=config/namespaced NAMESPACE=...    one for a namespace that the other does not look after
If that manager is gone and its binding was left behind: kubectl delete clusterrolebinding $binding
END
  exit 1
fi

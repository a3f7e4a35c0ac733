#!/usr/bin/env bash
# Prints a kustomization that puts an image into overlays and, where a namespace
# is given, all that is installed into that namespace:
#   image-overlay.sh 'OVERLAY...' IMAGE [NAMESPACE]
# IMAGE is NAME, NAME:TAG, NAME@DIGEST or NAME:TAG@DIGEST, and NAME may hold a
# registry with a port. Without a tag it is latest, as docker has it. Every value
# is quoted: a tag of digits is no number.
set -euo pipefail
overlays=$1 image=$2 namespace=${3:-}
name=${image%%@*} digest=''
if [ "$name" != "$image" ]; then digest=${image#*@}; fi
tag=''
case ${name##*/} in
*:*) tag=${name##*:} name=${name%:*} ;;
esac
# The grammar of the distribution project: a host is told from a directory by its dot or port, and all but the host is in small letters.
part='[a-z0-9]+(([._]|__|-+)[a-z0-9]+)*'
host='[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+(:[0-9]+)?|[A-Za-z0-9-]+:[0-9]+|localhost'
wrong() {
  echo "IMG is '$image'; right is NAME, NAME:TAG or NAME@sha256:DIGEST, such as registry.example:5000/team/checkpoint-health:v0.1.0: $1" >&2
  exit 1
}
if [[ $image =~ [[:space:]] ]]; then wrong "there is a space in it"; fi
if [[ $name =~ [A-Z] ]] && [[ ! $name =~ ^(($host)/)?($part)(/$part)*$ ]] && [[ $(tr A-Z a-z <<<"$name") =~ ^(($host)/)?($part)(/$part)*$ ]]; then
  wrong "a name is in small letters"
fi
if [[ ! $name =~ ^(($host)/)?($part)(/$part)*$ ]]; then wrong "'$name' is no name"; fi
case ${image%%@*} in
*"$name":*) if [[ ! $tag =~ ^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$ ]]; then wrong "'$tag' is no tag: letters, digits, _ . and -, at most 128"; fi ;;
esac
if [ "$image" != "${image#*@}" ] && [[ ! $digest =~ ^sha256:[0-9a-f]{64}$ ]]; then
  wrong "'$digest' is no digest: sha256: and 64 hexadecimal digits"
fi
if [ -n "$namespace" ] && { [[ ! $namespace =~ ^[a-z0-9]([-a-z0-9]*[a-z0-9])?$ ]] || [ ${#namespace} -gt 63 ]; }; then
  echo "NAMESPACE is '$namespace'; right is the name of a namespace: small letters, digits and dashes" >&2
  exit 1
fi
printf 'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n'
if [ -z "${overlays// /}" ]; then
  echo "OVERLAY is empty; right is config/default, or another directory with a kustomization.yaml" >&2
  exit 1
fi
# What is made to be installed; config/ holds parts of that as well.
installable() {
  local dir
  for dir in config/*/kustomization.yaml; do
    case ${dir%/kustomization.yaml} in
    config/crd | config/manager | config/rbac | config/samples) ;;
    *) printf '%s ' "${dir%/kustomization.yaml}" ;;
    esac
  done
}
seen=' ' base=''
for overlay in $overlays; do
  if [ ! -f "$overlay/kustomization.yaml" ]; then
    echo "OVERLAY names '$overlay', which has no kustomization.yaml; there are: $(installable)" >&2
    exit 1
  fi
  plain=${overlay#"$PWD"/} plain=${plain#./}
  case ${plain%/}/ in
  config/crd/* | config/manager/* | config/rbac/* | config/samples/*)
    echo "OVERLAY names '$overlay', which is a part of the others and no install by itself; there are: $(installable)" >&2
    exit 1
    ;;
  esac
  plain=${plain%/}
  case $seen in *" $plain "*)
    echo "OVERLAY names '$plain' twice; right is once" >&2
    exit 1
    ;;
  esac
  seen="$seen$plain "
  # Those that hold a manager are config/default and what is made of it; two managers have one name.
  if [ "$plain" = config/default ] || grep -Eq '^ *- +"?(.*/)?(default|namespaced|standalone(-namespaced)?|endpoint-secrets(-namespaced)?)/?"?$' "$overlay/kustomization.yaml"; then
    if [ -n "$base" ]; then
      echo "OVERLAY names '$base' and '$plain', and each holds the manager; right is one of them, or for the rights of both a kustomization of your own (README.md, Install)" >&2
      exit 1
    fi
    base=$plain
  fi
  printf -- '- "../%s"\n' "${overlay%/}"
done
# One scope for all of it: the rights of an overlay for every namespace do not belong beside a manager of one, nor the reverse.
for overlay in $overlays; do
  case ${overlay%/} in
  config/namespaced | config/*-namespaced) one=${overlay%/} ;;
  esac
done
if [ -n "${one:-}" ]; then
  if [ -z "$namespace" ]; then
    echo "OVERLAY names '$one', which is for one namespace, and NAMESPACE is empty; right is NAMESPACE=that of the jobs" >&2
    exit 1
  fi
  for overlay in $overlays; do
    twin=${overlay%/}-namespaced
    if [ "${overlay%/}" = config/default ]; then twin=config/namespaced; fi
    if [ -f "$twin/kustomization.yaml" ]; then
      echo "OVERLAY names '${overlay%/}', which is for every namespace, beside '$one', which is for one; right is '$twin', or none for one namespace" >&2
      exit 1
    fi
  done
fi
if [ -n "$namespace" ]; then
  # Who asks for metrics is looked up for the whole cluster, by one binding an install.
  cat <<END
namespace: "$namespace"
# A namespace that is named is somebody's: it is neither made nor changed, and it is not deleted with what is in it.
patches:
- target: {kind: Namespace}
  patch: '{"\$patch": "delete", "kind": "Namespace", "metadata": {"name": "any"}}'
replacements:
- source: {kind: ServiceAccount, name: checkpoint-health-controller-manager, fieldPath: metadata.namespace}
  targets:
  - select: {kind: ClusterRoleBinding, name: checkpoint-health-metrics-auth.*}
    fieldPaths: [metadata.name]
    options: {delimiter: ., index: 1}
END
fi
printf 'images:\n- name: checkpoint-health\n  newName: "%s"\n' "$name"
if [ -n "$digest" ]; then
  printf '  digest: "%s"\n' "$digest"
else
  printf '  newTag: "%s"\n' "${tag:-latest}"
fi

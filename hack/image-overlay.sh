#!/usr/bin/env bash
# Prints a kustomization that puts an image into an overlay:
#   image-overlay.sh OVERLAY IMAGE
# IMAGE is NAME, NAME:TAG, NAME@DIGEST or NAME:TAG@DIGEST, and NAME may hold a
# registry with a port. Without a tag it is latest, as docker has it. Every value
# is quoted: a tag of digits is no number.
set -euo pipefail
overlay=$1 image=$2
name=${image%%@*} digest=''
if [ "$name" != "$image" ]; then digest=${image#*@}; fi
tag=''
case ${name##*/} in
*:*) tag=${name##*:} name=${name%:*} ;;
esac
if [ -z "$name" ] || { [ -n "$digest" ] && [[ ! $digest =~ ^sha256:[0-9a-f]{64}$ ]]; }; then
  echo "IMG is '$image'; right is NAME, NAME:TAG or NAME@sha256:DIGEST (64 hexadecimal digits)" >&2
  exit 1
fi
printf 'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n- "../%s"\nimages:\n- name: checkpoint-health\n  newName: "%s"\n' "$overlay" "$name"
if [ -n "$digest" ]; then
  printf '  digest: "%s"\n' "$digest"
else
  printf '  newTag: "%s"\n' "${tag:-latest}"
fi

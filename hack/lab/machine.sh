#!/usr/bin/env bash
# The first thing in the lab's machine, a set of namespaces: makes them private and becomes process 1. See steps/40-machine.sh.
set -euo pipefail
. "$(dirname "$0")/settings.sh"

hostname "$NODE_NAME"
# Volumes are mounted into pods; within this namespace only.
mount --make-rshared /
# Everything in /run is this machine's own, as after a start: sockets, locks, the pods' network namespaces.
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/lock /run/containerd
# Directories whose place is fixed in the programs.
while read -r dir; do
  mkdir -p "$LAB_DIR/private$dir"
  mount --bind "$LAB_DIR/private$dir" "$dir"
done <"$LAB/private-directories"
# The kubelet sets these for the whole kernel, unless they are so; here it finds them so and the kernel is left alone.
while read -r value file; do
  [ -e "/proc/sys/$file" ] || continue
  mkdir -p "/run/kernel/$file"
  echo "$value" >"/run/kernel/$file/value"
  mount --bind "/run/kernel/$file/value" "/proc/sys/$file"
done <<'values'
1 vm/overcommit_memory
0 vm/panic_on_oom
10 kernel/panic
1 kernel/panic_on_oops
1000000 kernel/keys/root_maxkeys
25000000 kernel/keys/root_maxbytes
values
exec "$BIN/node" "$LAB_DIR/components" "$RUN"

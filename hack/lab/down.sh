#!/usr/bin/env bash
# Stops the lab and takes back what it changed on this machine; with --purge its files are removed too. What was deployed
# comes back with the next "up", unless it was purged.
set -euo pipefail
. "$(dirname "$0")/settings.sh"

case ${1:-} in
'' | --purge) ;;
*) fail "down $1: want nothing or --purge" ;;
esac

if [ "$(backend)" = kind ] && command -v kind >/dev/null; then
  kind delete cluster --name "$LAB_NAME" --kubeconfig "$KUBECONFIG"
  rm -rf "$LAB_DIR/imported"
fi

if pid=$(init_pid); then
  say "stopping the components"
  kill -TERM "$pid"
  gone() { ! init_pid; }
  wait_for 90 "the components stop" gone || { kill -KILL "$pid"; wait_for 10 "process 1 ends" gone; }
fi
rm -f "$LAB_DIR/init.pid"

# The wire and its routes go with the namespace; the routes of last resort after it.
if [ -e "/run/netns/$LAB_NAME" ]; then ip netns delete "$LAB_NAME"; fi
if command -v ip >/dev/null; then
  wire_gone() { ! ip link show "$LAB_WIRE"; }
  wait_for 30 "the wire goes" wire_gone
  for range in "$LINK_CIDR" "$POD_CIDR" "$SERVICE_CIDR"; do
    if [ -n "$(ip route show type unreachable exact "$range")" ]; then ip route delete unreachable "$range"; fi
  done
fi
# A control group whose last process has just ended is busy for a moment.
cgroup_hierarchies | while read -r hierarchy; do
  [ -d "$hierarchy/$LAB_NAME" ] || continue
  removed() { find "$hierarchy/$LAB_NAME" -depth -type d -exec rmdir {} +; }
  wait_for 20 "$hierarchy/$LAB_NAME can be removed" removed
done
if [ -f "$LAB_DIR/made-directories" ]; then
  sort -ru "$LAB_DIR/made-directories" | while read -r dir; do rmdir "$dir" || true; done
  rm "$LAB_DIR/made-directories"
fi

if [ "${1:-}" = --purge ] && [ -d "$LAB_DIR" ]; then
  [ -f "$LAB_DIR/.checkpoint-health-lab" ] || fail "$LAB_DIR is not a directory of the lab: it has no file .checkpoint-health-lab"
  if [ -s "$LAB_DIR/installed-packages" ]; then
    say "packages that were installed for the lab; remove them with: apt-get remove $(sort -u "$LAB_DIR/installed-packages" | tr '\n' ' ')"
  fi
  rm -rf "$LAB_DIR"
fi
say "down"

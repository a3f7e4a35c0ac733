#!/usr/bin/env bash
# Shows that no packet of the lab can leave this machine: what is sent here to an address of the lab goes down its wire or
# nowhere, and from its namespace there is no way to anything else.
set -euo pipefail
. "$(dirname "$0")/settings.sh"

some=${POD_CIDR%.*}.77
for address in "$NODE_IP" "$some" "$DNS_IP" "${SERVICE_CIDR%.*.*}.255.254"; do
  way=$(ip route get "$address")
  case $way in
  *" dev $LAB_WIRE "*) ;;
  *) fail "$address leaves by another way: $way" ;;
  esac
done
for range in "$LINK_CIDR" "$POD_CIDR" "$SERVICE_CIDR"; do
  [ -n "$(ip route show type unreachable exact "$range")" ] || fail "$range: no route of last resort"
done

# 192.0.2.0/24 and the two others are documentation's (RFC 5737, RFC 3849); 1.1.1.1 is everybody's.
for address in 192.0.2.1 198.51.100.1 1.1.1.1 2001:db8::1; do
  if way=$(ip -n "$LAB_NAME" route get "$address" 2>/dev/null); then fail "the lab has a way to $address: $way"; fi
done
# Also as a pod would ask, where there is a bridge for pods.
if ip -n "$LAB_NAME" link show cni0 >/dev/null 2>&1; then
  if way=$(ip -n "$LAB_NAME" route get 1.1.1.1 from "$some" iif cni0 2>/dev/null); then fail "a pod has a way to 1.1.1.1: $way"; fi
fi
[ "$(cat "/proc/sys/net/ipv4/conf/$LAB_WIRE/forwarding")" = 0 ] || fail "this machine would pass on what comes from the lab"
say "network: no way out of this machine"

#!/usr/bin/env bash
# The lab has a network namespace of its own, whose only wire leads to this machine. It is made, and every range of the lab
# routed into it, before anything is started.
#
#   this machine                              namespace $LAB_NAME
#   10.240.0.2 cplab0 ----------------------- eth0 10.240.0.1  the node: API server, kubelet, Services
#   10.96.0.0/16, 10.244.0.0/24 via the node  cni0 10.244.0.1  pods
#   the same, unreachable, should the wire    default: unreachable
#   not be there
set -euo pipefail
. "$(dirname "$0")/../settings.sh"

last_resort=2000000000 # metric of the routes that count when no other is left

# Ranges that this machine uses for something else are not taken from it.
for range in "$LINK_CIDR" "$POD_CIDR" "$SERVICE_CIDR"; do
  other=$(ip -4 route show root "$range" | grep -v -e "dev $LAB_WIRE" -e "metric $last_resort" || true)
  other+=$(ip -4 route show match "$range" | grep -v -e ^default -e "dev $LAB_WIRE" -e "metric $last_resort" || true)
  [ -z "$other" ] || fail "$range is in use here ($other): set LINK_CIDR, POD_CIDR or SERVICE_CIDR and the addresses in them to others"
done
for range in "$LINK_CIDR" "$POD_CIDR" "$SERVICE_CIDR"; do ip route replace unreachable "$range" metric $last_resort; done

in_lab() { ip -n "$LAB_NAME" "$@"; }

[ -e "/run/netns/$LAB_NAME" ] || ip netns add "$LAB_NAME"
in_lab link set lo up
nsenter --net="/run/netns/$LAB_NAME" sh -c 'echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6; echo 1 >/proc/sys/net/ipv4/ip_forward' 2>/dev/null ||
  fail "cannot set up IP forwarding in the namespace"
in_lab route replace unreachable default metric $last_resort
# A Service's address that kube-proxy does not translate, or no longer, goes no further than lo.
in_lab address replace "$NODE_IP/32" dev lo
in_lab route replace "$SERVICE_CIDR" dev lo src "$NODE_IP"

ip link show "$LAB_WIRE" >/dev/null 2>&1 || ip link add "$LAB_WIRE" type veth peer name eth0 netns "$LAB_NAME"
in_lab address replace "$NODE_IP/30" dev eth0
in_lab link set eth0 up
ip address replace "$HOST_IP/30" dev "$LAB_WIRE"
ip link set "$LAB_WIRE" up
# This machine passes on nothing that comes from there, though it may be a router otherwise.
sysctl -qw "net.ipv4.conf.$LAB_WIRE.forwarding=0"
ip route replace "$POD_CIDR" via "$NODE_IP" dev "$LAB_WIRE"
ip route replace "$SERVICE_CIDR" via "$NODE_IP" dev "$LAB_WIRE"

"$LAB/network-test.sh"

#!/usr/bin/env bash
# What the machine must have. Missing packages are installed where there is apt; their names are written down.
set -euo pipefail
. "$(dirname "$0")/../settings.sh"

# COMMAND PACKAGE
needed='unzip unzip
javac openjdk-17-jdk-headless
mvn maven
pip3 python3-pip'
node='containerd containerd
ctr containerd
runc runc
/usr/lib/cni/bridge containernetworking-plugins
iptables iptables
conntrack conntrack
debootstrap debootstrap
openssl openssl
ip iproute2
nsenter util-linux
pgrep procps'
# With kind the node is a container, which has all that.
if [ "$(backend)" = native ]; then needed+=$'\n'$node; fi

missing=()
while read -r command package; do
  command -v "$command" >/dev/null || missing+=("$package")
done <<<"$needed"
if [ ${#missing[@]} -eq 0 ]; then exit; fi

command -v apt-get >/dev/null && [ "$(id -u)" = 0 ] || fail "install these first, or be root where there is apt-get: ${missing[*]}"
say "installing: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
quietly "$LAB_DIR/log/apt-update.log" apt-get update -q
apt-get install -s --no-install-recommends "${missing[@]}" | awk '$1 == "Inst" {print $2}' >>"$LAB_DIR/installed-packages"
quietly "$LAB_DIR/log/apt-install.log" apt-get install -y -q --no-install-recommends "${missing[@]}"

# shellcheck shell=bash
# Settings of the lab, each with its default; the environment overrides them.
# Source this file, do not run it. docs/lab.md explains them.

LAB=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ROOT=$(cd "$LAB/../.." && pwd)

# Everything the lab writes is below this directory, but for what docs/lab.md lists.
: "${LAB_DIR:=${XDG_CACHE_HOME:-$HOME/.cache}/checkpoint-health/lab}"
# Name of the network namespace, the cgroup and the kind cluster.
: "${LAB_NAME:=checkpoint-lab}"
# auto: kind where Docker answers and kind is installed, else the machine's own processes. Or: kind, native.
: "${LAB_BACKEND:=auto}"

# Addresses. None of them is used outside of this machine: see steps/30-network.sh.
: "${NODE_IP:=10.240.0.1}" # of the node, in the lab's network namespace
: "${HOST_IP:=10.240.0.2}" # of this machine's end of the wire to it; both in one /30
: "${LINK_CIDR:=10.240.0.0/30}"
: "${LAB_WIRE:=cplab0}" # this machine's network interface to it
: "${POD_CIDR:=10.244.0.0/24}"
: "${SERVICE_CIDR:=10.96.0.0/16}"
: "${DNS_IP:=10.96.0.10}"
: "${API_SERVICE_IP:=10.96.0.1}" # the first of SERVICE_CIDR
: "${API_PORT:=6443}"
: "${NODE_NAME:=lab-node}"

# Versions.
: "${FLINK_VERSION:=1.18.1}"
: "${FLINK_OPERATOR_VERSION:=1.7.0}" # the newest whose jars are on Maven Central
# A newer Flink operator: a directory of its jars and one of its CRDs, or its Helm chart
# (with FLINK_OPERATOR_IMAGE, a tar file with its image, where the machine has no way to a registry).
: "${FLINK_OPERATOR_LIB:=}"
: "${FLINK_OPERATOR_CRDS:=}"
: "${FLINK_OPERATOR_CHART:=}"
: "${FLINK_OPERATOR_IMAGE:=}"

# Namespaces.
: "${FLINK_OPERATOR_NAMESPACE:=flink-operator}"
: "${JOB_NAMESPACE:=flink-jobs}"

# Image of our operator.
: "${IMG:=localhost/checkpoint-health:lab}"

case $LAB_DIR in
/*) ;;
*) echo "LAB_DIR=$LAB_DIR: want an absolute path" >&2; exit 1 ;;
esac
# A path to a socket may have 107 characters on Linux; containerd's is the longest.
if [ ${#LAB_DIR} -gt 80 ]; then
  echo "LAB_DIR=$LAB_DIR: ${#LAB_DIR} characters; want at most 80, because sockets lie below it" >&2
  exit 1
fi

BIN=$LAB_DIR/bin
IMAGES=$LAB_DIR/images
DATA=$LAB_DIR/data # hostPath volumes of the jobs
SOCK=$LAB_DIR/containerd.sock
# shellcheck disable=SC2034 # whoever sources this file uses it
PKI=$LAB_DIR/pki
# shellcheck disable=SC2034
RUN=$LAB_DIR/run # logs and process numbers of the components
KUBECONFIG=$LAB_DIR/kubeconfig
PATH=$BIN:$PATH
export KUBECONFIG PATH CGO_ENABLED=0
unset KUBEBUILDER_ASSETS GOFLAGS GOOS GOARCH

say() { printf '%s lab: %s\n' "$(date +%H:%M:%S)" "$*"; }
fail() { say "$*" >&2; exit 1; }

# quietly LOG COMMAND...: the output goes to a file, and its end is shown when the command fails.
quietly() {
  local log=$1; shift
  mkdir -p "$(dirname "$log")"
  "$@" >"$log" 2>&1 && return 0
  tail -n 15 "$log" >&2
  fail "failed: $* (the whole output is in $log)"
}

# wait_for SECONDS WHAT COMMAND...: ask once a second until the command succeeds.
wait_for() {
  local limit=$1 what=$2 end; shift 2
  end=$((SECONDS + limit))
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $end ] || { say "gave up after ${limit}s: $what" >&2; return 1; }
    sleep 1
  done
}

# init_pid: number of the process 1 of the lab's machine, seen from here; fails where there is none.
init_pid() {
  local pid
  pid=$(cat "$LAB_DIR/init.pid" 2>/dev/null) || return 1
  # Not a later process that was given the same number.
  grep -qaF "$LAB_DIR/components" "/proc/$pid/cmdline" 2>/dev/null || return 1
  echo "$pid"
}

# cgroup_hierarchies: where they are mounted: one with cgroup v2, several with v1.
cgroup_hierarchies() { awk '$3 == "cgroup" || $3 == "cgroup2" {print $2}' /proc/mounts; }

# inside COMMAND...: run it in the lab's machine.
inside() {
  local pid
  pid=$(init_pid) || fail "the lab is not up"
  nsenter --target "$pid" --mount --uts --net --pid -- "$@"
}

# put FILE: write standard input where it differs; kube-proxy ends when its file is written.
put() {
  local new
  new=$(cat; echo .)
  if [ -f "$1" ] && [ "$(cat "$1"; echo .)" = "$new" ]; then return; fi
  printf %s "${new%.}" >"$1"
}

# render FILE: a manifest with the settings in place of @NAME@.
render() {
  local flink_enum=v${FLINK_VERSION%.*} # as a FlinkDeployment writes it: v1_18
  flink_enum=${flink_enum/./_}
  sed -e "s#@LAB_DIR@#$LAB_DIR#g" -e "s#@DATA@#$DATA#g" -e "s#@LAB_NAME@#$LAB_NAME#g" \
    -e "s#@POD_CIDR@#$POD_CIDR#g" -e "s#@DNS_IP@#$DNS_IP#g" -e "s#@NODE_IP@#$NODE_IP#g" \
    -e "s#@FLINK_OPERATOR_NAMESPACE@#$FLINK_OPERATOR_NAMESPACE#g" -e "s#@JOB_NAMESPACE@#$JOB_NAMESPACE#g" \
    -e "s#@FLINK_OPERATOR_VERSION@#$FLINK_OPERATOR_VERSION#g" -e "s#@FLINK_VERSION@#$FLINK_VERSION#g" \
    -e "s#@FLINK_ENUM@#$flink_enum#g" "$LAB/manifests/$1"
}

# backend: kind or native, as LAB_BACKEND or the machine decides; what was brought up once stays.
backend() {
  if [ "$LAB_BACKEND" != auto ]; then echo "$LAB_BACKEND"
  elif [ -f "$LAB_DIR/backend" ]; then cat "$LAB_DIR/backend"
  elif command -v kind >/dev/null && docker info >/dev/null 2>&1; then echo kind
  else echo native; fi
}

# import_image FILE NAME: give an image to the node, unless it has the same.
import_image() {
  local digest stamp
  digest=$(sha256sum <"$1" | cut -c1-64)
  stamp=$LAB_DIR/imported/${2//[\/:]/_}
  mkdir -p "$LAB_DIR/imported"
  if [ "$(cat "$stamp" 2>/dev/null)" = "$digest" ]; then return; fi
  if [ "$(backend)" = kind ]; then
    kind load image-archive --name "$LAB_NAME" "$1"
  else
    ctr -a "$SOCK" -n k8s.io images import --no-unpack=false "$1" >/dev/null
  fi
  echo "$digest" >"$stamp"
}

# binary_image NAME BINARY: localhost/NAME:lab, that one static program.
binary_image() {
  local dir=$IMAGES/$1
  mkdir -p "$dir"
  cp "$2" "$dir/$1"
  (cd "$ROOT" && go run ./hack/lab/image -out "$dir.tar" -name "localhost/$1:lab" -entrypoint "[\"/$1\"]" "$dir")
  import_image "$dir.tar" "localhost/$1:lab"
}

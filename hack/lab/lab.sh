#!/usr/bin/env bash
# A real Kubernetes with the real Flink operator on this machine; see docs/lab.md.
#
#   lab.sh up             bring it up, or complete it: what is there already is left alone
#   lab.sh down [--purge] stop it and take back what it changed; --purge removes its files too
#   lab.sh status         what runs
#   lab.sh restart NAME   end a component (etcd, kubelet, ...); it is started again at once
#   lab.sh example        deploy a job and a CheckpointHealth for it
#   lab.sh stories [FLAG] tell the stories and keep their timelines; see hack/lab/stories
#   lab.sh shell [CMD]    a shell in the lab's machine, or one command
set -euo pipefail
. "$(dirname "$0")/settings.sh"

native=(10-packages 20-binaries 30-network 40-machine 50-cluster 60-flink-image 70-flink-operator 80-checkpoint-health 90-ready)
kind=(10-packages 20-binaries 35-kind 50-cluster 60-flink-image 70-flink-operator 80-checkpoint-health 90-ready)

# cpu: seconds of processor time that the steps have taken; $(…) would count from nothing.
cpu() {
  times >"$LAB_DIR/times"
  cpu=$(awk 'NR == 2 {split($1 "m" $2, t, "[ms]+"); printf "%d", t[1] * 60 + t[2] + t[3] * 60 + t[4]}' "$LAB_DIR/times")
}

up() {
  local steps=("${native[@]}") n=0 began cpu before
  mkdir -p "$LAB_DIR" "$BIN" "$RUN" "$IMAGES" "$DATA"
  touch "$LAB_DIR/.checkpoint-health-lab"
  case $(backend) in
  kind) steps=("${kind[@]}") ;;
  native) [ "$(id -u)" = 0 ] && [ "$(uname -s)" = Linux ] ||
    fail "needs root on Linux, or Docker with kind (LAB_BACKEND=kind)" ;;
  *) fail "LAB_BACKEND=$LAB_BACKEND: want auto, kind or native" ;;
  esac
  backend >"$LAB_DIR/backend.new" && mv "$LAB_DIR/backend.new" "$LAB_DIR/backend"
  # One at a time: a second one waits.
  exec 8>"$LAB_DIR/lock"
  flock 8
  for step in "${steps[@]}"; do
    cpu
    n=$((n + 1)) began=$SECONDS before=$cpu
    say "[$n/${#steps[@]}] ${step#*-}"
    # The lock is not for what a step leaves running.
    bash "$LAB/steps/$step.sh" 8>&- || fail "stopped in step ${step#*-}; make lab goes on from there"
    cpu
    say "[$n/${#steps[@]}] ${step#*-}: done in $((SECONDS - began)) s, $((cpu - before)) s of processor time"
  done
}

status() {
  local pid name
  if ! pid=$(init_pid); then say "not up ($(backend))"; return 1; fi
  say "up, process $pid, KUBECONFIG=$KUBECONFIG"
  for name in "$LAB_DIR"/components/*; do
    name=$(basename "$name")
    if inside kill -0 "$(cat "$RUN/$name.pid")" 2>/dev/null; then say "$name runs"; else say "$name does not run"; fi
  done
  kubectl get nodes,pods --all-namespaces
}

restart() {
  local file
  file=$(find "$RUN" -name "*-${1:?name a component, such as kubelet}.pid")
  [ -n "$file" ] || fail "no component $1"
  inside kill "$(cat "$file")"
}

# An enum such as v1_18 is the version's first two numbers.
stories() {
  cd "$ROOT"
  go run ./hack/lab/stories --kubeconfig "$KUBECONFIG" --data "$DATA" --namespace "$JOB_NAMESPACE" --image "localhost/flink:$FLINK_VERSION" \
    --commit "$(cat "$LAB_DIR/deployed-commit" 2>/dev/null)" --flink "$FLINK_VERSION" --flink-version "v$(cut -d. -f1,2 <<<"$FLINK_VERSION" | tr . _)" --flink-operator "$FLINK_OPERATOR_VERSION" \
    --timelines hack/lab/timelines.yaml "$@"
}

command=${1:-}
[ $# -eq 0 ] || shift
case $command in
up) up ;;
down) exec "$LAB/down.sh" "$@" ;;
status) status ;;
restart) restart "$@" ;;
example) render example.yaml | kubectl apply --server-side -f - ;;
stories) stories "$@" ;;
shell) if [ $# -gt 0 ]; then inside "$@"; else inside bash; fi ;;
*) sed -n '4,10s/^# *//p' "$0"; exit 2 ;;
esac

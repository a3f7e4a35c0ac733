#!/usr/bin/env bash
# Kubernetes, CoreDNS, metrics-server and the lab's process 1, built from Go modules at the versions that are pinned here.
set -euo pipefail
. "$(dirname "$0")/../settings.sh"

kube=$ROOT/hack/controlplane/kube

# build NAME MODULE PACKAGE [LDFLAGS]: one binary, unless the module has not changed since the last time.
build() {
  local name=$1 module=$2 package=$3 flags="-s -w ${4:-}" pinned
  pinned=$(cat "$module/go.mod" "$module/go.sum" | sha256sum | cut -c1-64)
  if [ -x "$BIN/$name" ] && [ "$(cat "$LAB_DIR/pinned/$name" 2>/dev/null)" = "$pinned" ]; then return; fi
  (cd "$module" && nice "$ROOT/hack/go-build.sh" "lab: $name" -mod=readonly -ldflags "$flags" -o "$BIN/$name.new" "$package")
  mv "$BIN/$name.new" "$BIN/$name" # what runs keeps the old file
  mkdir -p "$LAB_DIR/pinned"
  echo "$pinned" >"$LAB_DIR/pinned/$name"
  say "built $name"
}

version=$(sed -n 's#^require k8s.io/kubernetes \(v[0-9.]*\).*#\1#p' "$kube/go.mod")
minor=${version#v1.}
flags=
for package in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
  flags+=" -X $package.gitVersion=$version -X $package.gitMajor=1 -X $package.gitMinor=${minor%%.*}"
done

command -v kubectl >/dev/null || build kubectl "$kube" k8s.io/kubernetes/cmd/kubectl "$flags"
if [ "$(backend)" = native ]; then
  # The tests need the first two as well: what is in the user's cache is taken.
  assets=$(cd "$ROOT" && ENVTEST_INSTALLED_ONLY=1 go run ./hack/controlplane/cmd/controlplane assets)
  cp --update --remove-destination "$assets/etcd" "$assets/kube-apiserver" "$BIN/"
  for name in kube-controller-manager kube-scheduler kube-proxy kubelet; do
    build "$name" "$kube" "k8s.io/kubernetes/cmd/$name" "$flags"
  done
  build coredns "$LAB/coredns" .
fi
build metrics-server "$LAB/metrics-server" sigs.k8s.io/metrics-server/cmd/metrics-server
# Of the project's own module, which changes too often for a comparison; Go has it in its cache.
(cd "$ROOT" && go build -ldflags "-s -w" -o "$BIN/node.new" ./hack/lab/node)
if cmp -s "$BIN/node.new" "$BIN/node"; then rm "$BIN/node.new"; else mv "$BIN/node.new" "$BIN/node"; fi

#!/usr/bin/env bash
# Our operator, as users install it: an image with the binary of this checkout, and make deploy.
set -euo pipefail
. "$(dirname "$0")/../settings.sh"

# The same content as the Dockerfile's image: one static binary, user 65532, command "manager".
dir=$IMAGES/checkpoint-health
rm -rf "$dir"
mkdir -p "$dir"
cd "$ROOT"
version=$(git describe --tags --always --dirty 2>/dev/null || echo unknown)
nice hack/go-build.sh "lab: checkpoint-health" -ldflags "-s -w -X main.version=$version" -o "$dir/checkpoint-health" .
go run ./hack/lab/image -out "$dir.tar" -name "$IMG" -entrypoint '["/checkpoint-health"]' -cmd '["manager"]' -user 65532:65532 "$dir"
import_image "$dir.tar" "$IMG"
rm -rf "$dir"

make --no-print-directory deploy IMG="$IMG" KUBECTL=kubectl
# The right to start probe pods, which users add where they want it.
kubectl apply -k config/network-probe
manager=deployment/checkpoint-health-controller-manager
# Another binary under the same name does not restart the pods by itself.
digest=$(sha256sum <"$dir.tar" | cut -c1-64)
deployed=$(cat "$LAB_DIR/deployed" 2>/dev/null || true)
if [ -n "$deployed" ] && [ "$deployed" != "$digest" ]; then
  kubectl -n checkpoint-health-system rollout restart $manager
fi
echo "$digest" >"$LAB_DIR/deployed"
echo "$version" >"$LAB_DIR/deployed-commit" # which the timelines of stories tell
rm -f "$dir.tar"
kubectl -n checkpoint-health-system rollout status $manager --timeout=180s

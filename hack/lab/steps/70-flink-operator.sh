#!/usr/bin/env bash
# The Flink Kubernetes Operator, watching $JOB_NAMESPACE: from its jars, or by its Helm chart where one is named.
set -euo pipefail
. "$(dirname "$0")/../settings.sh"

namespace() { kubectl create namespace "$1" --dry-run=client -o yaml | kubectl apply -f - >/dev/null; }
namespace "$FLINK_OPERATOR_NAMESPACE"
namespace "$JOB_NAMESPACE"

if [ -n "$FLINK_OPERATOR_CHART" ]; then
  command -v helm >/dev/null || fail "FLINK_OPERATOR_CHART needs helm"
  chart_image=()
  if [ -n "$FLINK_OPERATOR_IMAGE" ]; then
    import_image "$FLINK_OPERATOR_IMAGE" flink-operator-chart
    chart_image=(--set image.pullPolicy=Never)
  fi
  helm upgrade --install flink-kubernetes-operator "$FLINK_OPERATOR_CHART" --namespace "$FLINK_OPERATOR_NAMESPACE" \
    --set webhook.create=false --set "watchNamespaces={$JOB_NAMESPACE}" "${chart_image[@]}" --wait
  exit
fi

lib=${FLINK_OPERATOR_LIB:-$LAB_DIR/flink-operator/$FLINK_OPERATOR_VERSION/lib}
crds=${FLINK_OPERATOR_CRDS:-$LAB_DIR/flink-operator/$FLINK_OPERATOR_VERSION/crds}
if [ -z "$FLINK_OPERATOR_LIB" ] && [ ! -d "$crds" ]; then
  say "fetching the Flink operator $FLINK_OPERATOR_VERSION from Maven Central"
  rm -rf "$lib" "$crds.new"
  quietly "$LAB_DIR/log/maven.log" mvn -B -q -ntp -Dmaven.repo.local="$LAB_DIR/maven" -f "$LAB/flinkoperator/pom.xml" \
    -Dflink.operator.version="$FLINK_OPERATOR_VERSION" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$lib"
  mkdir -p "$crds.new"
  # The API's jar carries the CRDs; its -v1beta1 files are for Kubernetes before 1.22.
  api=$lib/flink-kubernetes-operator-api-$FLINK_OPERATOR_VERSION.jar
  for f in $(unzip -Z1 "$api" 'META-INF/fabric8/*-v1.yml'); do unzip -p "$api" "$f" >"$crds.new/$(basename "$f")"; done
  mv "$crds.new" "$crds"
fi
[ -d "$crds" ] || fail "FLINK_OPERATOR_LIB needs FLINK_OPERATOR_CRDS, a directory of the CRDs that belong to these jars"

"$LAB/base-layer.sh"
root=$IMAGES/flink-operator-$FLINK_OPERATOR_VERSION
image=localhost/flink-operator:$FLINK_OPERATOR_VERSION
rm -rf "$root"
mkdir -p "$root/opt/flink-operator/lib" "$root/opt/flink/plugins" "$root/opt/flink/usrlib"
cp "$lib"/*.jar "$root/opt/flink-operator/lib/"
# It uploads the jars of FlinkSessionJobs itself.
files=$(cd "$ROOT" && go run ./hack/lab/flinkfiles "$FLINK_VERSION")
cp "$(sed -n 's/^job //p' <<<"$files")" "$root/opt/flink/usrlib/pipeline.jar"
install -m 755 "$LAB/flinkoperator/start.sh" "$root/opt/flink-operator/start.sh"
(cd "$ROOT" && go run ./hack/lab/image -out "$root.tar" -name "$image" -entrypoint '["/opt/flink-operator/start.sh"]' \
  -env PATH=/opt/java/openjdk/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
  "$IMAGES/base.layer.tar" "$root")
stamp=$LAB_DIR/imported/${image//[\/:]/_}
before=$(cat "$stamp" 2>/dev/null || true)
import_image "$root.tar" "$image"
rm -rf "$root" "$root.tar"

# On the server's side: the schema is too large for the annotation that kubectl apply would make.
kubectl apply --server-side --force-conflicts -f "$crds" >/dev/null
applied=$(render flink-operator.yaml | kubectl apply -f -)
# Another image under the same name does not restart the pod by itself, nor does another configuration.
if [ -n "$before" ] && [ "$before" != "$(cat "$stamp")" ] || grep -q '^configmap/flink-operator-config configured' <<<"$applied"; then
  kubectl -n "$FLINK_OPERATOR_NAMESPACE" rollout restart deployment/flink-kubernetes-operator
fi
kubectl -n "$FLINK_OPERATOR_NAMESPACE" rollout status deployment/flink-kubernetes-operator --timeout=300s

#!/usr/bin/env bash
# localhost/flink:$FLINK_VERSION: Java, Flink, the job of hack/lab/faultjobs and the delaying file system as a plugin; and
# localhost/latency:lab, the delaying network.
set -euo pipefail
. "$(dirname "$0")/../settings.sh"

"$LAB/base-layer.sh"
files=$(cd "$ROOT" && go run ./hack/lab/flinkfiles "$FLINK_VERSION")
path() { sed -n "s/^$1 //p" <<<"$files"; }
dist=$(path dist)

root=$IMAGES/flink-$FLINK_VERSION
home=$root/opt/flink
rm -rf "$root"
mkdir -p "$home"/{bin,lib,conf,log,usrlib,plugins/objectstore}
cp "$dist"/lib/flink-dist*.jar "$dist"/lib/log4j-*.jar "$home/lib/"
cp "$dist/bin/bash-java-utils.jar" "$home/bin/"
cp "$(path job)" "$home/usrlib/pipeline.jar"
cp "$(path store)" "$home/plugins/objectstore/"
install -m 755 "$LAB/flink/docker-entrypoint.sh" "$root/"
install -m 755 "$LAB"/flink/{kubernetes-jobmanager.sh,kubernetes-taskmanager.sh,flink-env.sh} "$home/bin/"
install -m 644 "$LAB/flink/log4j-console.properties" "$home/bin/"

image=localhost/flink:$FLINK_VERSION
(cd "$ROOT" && go run ./hack/lab/image -out "$root.tar" -name "$image" -entrypoint '["/docker-entrypoint.sh"]' \
  -env PATH=/opt/flink/bin:/opt/java/openjdk/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
  "$IMAGES/base.layer.tar" "$root")
import_image "$root.tar" "$image"
rm -rf "$root" "$root.tar"

(cd "$ROOT" && go build -ldflags "-s -w" -o "$BIN/latency" ./hack/lab/latency)
binary_image latency "$BIN/latency"

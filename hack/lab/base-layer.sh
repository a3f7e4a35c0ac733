#!/usr/bin/env bash
# The layer below the Flink and operator images: a minimal Debian 12 with a Java 17 runtime; where Docker is used, that of
# the Temurin image.
set -euo pipefail
. "$(dirname "$0")/settings.sh"

layer=$IMAGES/base.layer.tar
if [ -f "$layer" ]; then exit; fi
say "building the layer with Java"
if [ "$(backend)" = kind ]; then
  id=$(docker create eclipse-temurin:17-jre)
  docker export "$id" >"$layer.tmp"
  docker rm "$id" >/dev/null
else
  root=$IMAGES/base
  if [ ! -f "$root/.whole" ]; then
    rm -rf "$root"
    quietly "$LAB_DIR/log/debootstrap.log" debootstrap --variant=minbase --include=openjdk-17-jre-headless bookworm "$root"
    touch "$root/.whole"
  fi
  tar -C "$root" --numeric-owner --exclude=./.whole --exclude='./var/cache/apt/*' --exclude='./var/lib/apt/lists/*' \
    --exclude='./usr/share/doc/*' --exclude='./usr/share/locale/*' --exclude='./dev/*' --exclude='./proc/*' \
    -cf "$layer.tmp" .
  rm -rf "$root"
fi
mv "$layer.tmp" "$layer"

#!/usr/bin/env bash
# go build with a line of progress every so often, for cold caches: a silent
# minute looks like a hang. Use: hack/go-build.sh LABEL ARGUMENTS-OF-GO-BUILD…
set -euo pipefail
label=$1
shift
go build -v "$@" 2>&1 | awk -v label="$label" '
  /^go: downloading / { downloaded++ }
  /^[^ :\t]+$/        { compiled++; now = $0 }
  /^go: downloading / || /^[^ :\t]+$/ {
    if (++seen % 40 == 0) {
      printf "%s: %d modules downloaded, %d packages compiled, now %s\n", label, downloaded, compiled, now
      fflush()
    }
    next
  }
  { print; fflush() }'

#!/usr/bin/env bash
# Runs every fuzz target of the module for some time each (default 30s).
set -euo pipefail
duration=${1:-30s}
found=0
while IFS=: read -r file _ line; do
  target=${line#func }
  target=${target%%(*}
  found=$((found + 1))
  printf 'fuzz: %s in %s for %s\n' "$target" "$(dirname "$file")" "$duration"
  go test "./$(dirname "$file")" -run '^$' -fuzz "^${target}\$" -fuzztime "$duration"
done < <(grep -rn --include='*_test.go' -E '^func Fuzz[A-Z]' -- * | sort)
if [ "$found" -eq 0 ]; then
  echo "fuzz: no target found (func Fuzz… in a _test.go file)" >&2
  exit 1
fi
printf 'fuzz: %d targets, no failure\n' "$found"

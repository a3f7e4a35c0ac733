#!/usr/bin/env bash
# Generates everything anew into a scratch directory and compares it with the
# checkout, which stays as it is. A generated file that is stale, missing,
# left over or unknown to Git is an error.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failed=0

# GENERATED is the one list of generated paths, from the Makefile.
make --no-print-directory generated-files OUT="$scratch"
for path in $GENERATED; do
  if ! diff -ruN "$path" "$scratch/$path"; then
    echo "verify: $path is not what its source generates: run make generate and commit it" >&2
    failed=1
  fi
done

if git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
  # shellcheck disable=SC2086 # a list of paths
  untracked=$(git ls-files --others -- $GENERATED)
  if [ -n "$untracked" ]; then
    printf 'verify: generated, but not committed:\n%s\n' "$untracked" >&2
    failed=1
  fi
fi
exit "$failed"

#!/usr/bin/env bash
# Links the program into a directory under the name by which kubectl finds it:
#   link-plugin.sh PROGRAM DIRECTORY
# A file of that name that is no link is left alone.
set -euo pipefail
program=$1 dir=$2 link=$2/kubectl-checkpointhealth
if [ -e "$link" ] && [ ! -L "$link" ]; then
  echo "$link is there and is no link: remove it first, or choose another PLUGIN_DIR" >&2
  exit 1
fi
mkdir -p "$dir"
ln -sfn "$program" "$link"
case :$PATH: in
*":$dir:"*) echo "$link: try kubectl checkpointhealth version" ;;
*) echo "$link: put $dir on your PATH, then try kubectl checkpointhealth version" ;;
esac

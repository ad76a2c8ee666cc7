#!/bin/sh
# plan.sh ROOT…: plans each root. The plans stay on this machine: they may hold secrets.
set -eu
cli=${SEEDLING_CLI:-tofu}
for root in "$@"; do
  echo "planning $root"
  "$cli" -chdir="$root" init -input=false -lockfile=readonly >/dev/null
  "$cli" -chdir="$root" plan -input=false -out=tfplan >/dev/null
done

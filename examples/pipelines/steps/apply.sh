#!/bin/sh
# apply.sh ROOT REVIEWED: plans a root with the real secrets and applies it, if it does nothing that REVIEWED does not hold.
set -eu
root=$1 reviewed=$2
cli=${SEEDLING_CLI:-tofu}
"$(dirname "$0")/plan.sh" "$root"
seedling review --same-as "$reviewed" "$root"
# Ephemeral values are in no plan: apply asks for them again, and finds them in the environment.
"$cli" -chdir="$root" apply -input=false tfplan

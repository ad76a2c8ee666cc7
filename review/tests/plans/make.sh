#!/bin/bash
# Makes the plans of this folder again, from real runs of one CLI on a real API server:
#
#   eval "$(seedling up --on process | grep '^export')"
#   review/tests/plans/make.sh terraform prod && review/tests/plans/make.sh tofu dev
#   seedling down …
#
# Arguments: the CLI, and the name of the environment it works in. Needs jq and kubectl.
# prior_state and planned_values are left out to keep the files small; the canary test puts its own there.
set -euo pipefail
cli=$1 environment=$2
here=$(cd "$(dirname "$0")" && pwd)
out=$here/$(basename "$cli")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export TF_VAR_environment=$environment TF_VAR_database_url=postgres://CANARY-ephemeral
export CHECKPOINT_DISABLE=1 TF_IN_AUTOMATION=1
mkdir -p "$out"

# Starts again from the configuration, and from the state of `applied` if there is one.
fresh() {
  find "$work" -maxdepth 1 -type f ! -name .terraform.lock.hcl -delete
  cp "$here"/configuration/main.tf "$work"
  if [ -f "$work/saved/terraform.tfstate" ]; then cp "$work/saved/terraform.tfstate" "$work"; fi
  cd "$work"
}

edit() { sed -i "$@" main.tf; }

# Leaves out a resource: drop TYPE NAME.
drop() { edit "/^resource \"$1\" \"$2\"/,/^}/d"; }

# plan NAME [arguments]: a plan with errors is kept too.
plan() {
  local name=$1
  shift
  "$cli" plan -no-color -input=false -out plan.bin "$@" >plan.log 2>&1 || echo "$name: $(grep -m1 Error: plan.log)"
  "$cli" show -json plan.bin | jq -c 'del(.prior_state, .planned_values)' >"$out/$name.json"
  echo "$name: $(jq -r '[.resource_changes[]? | select(.change.actions != ["no-op"]) | .type + ":" + (.change.actions | join("+"))] | join(" ")' "$out/$name.json")"
}

fresh
"$cli" init -no-color -input=false >/dev/null
plan create

fresh
"$cli" apply -no-color -input=false -auto-approve >apply.log || { tail -n 40 apply.log; exit 1; }
mkdir "$work/saved" && cp terraform.tfstate "$work/saved"

fresh; plan nothing
fresh; plan image -var image=1.5.0
fresh; edit 's/LOG_LEVEL = "info"/LOG_LEVEL = "debug", API_TOKEN = "CANARY-config"/'; plan config
fresh; TF_VAR_database_url=postgres://CANARY-other plan secret_only
fresh; TF_VAR_database_url=postgres://CANARY-other plan secret_and_image -var image=1.5.0
fresh; edit 's/{ DATABASE_URL = var.database_url }/{ DATABASE_URL = var.database_url, SESSION_KEY = "CANARY-literal" }/'; plan secret_added
fresh; edit 's/replicas    = 4/replicas    = 2/'; plan scale_down
fresh; edit 's/replicas    = 4/autoscale   = { min = 2, max = 6 }/'; plan autoscale
fresh; edit 's/port        = 8080/port        = 8081/'; plan port
fresh; edit 's/= "api"$/= "backend"/'; plan replace_delete_first
fresh; edit 's/= "api"$/= "backend"\n  lifecycle {\n    create_before_destroy = true\n  }/'; plan replace_create_first
fresh; plan replace_requested -replace=seedling_service.api
fresh; drop seedling_service database; plan destroy_storage
fresh; edit '/storage     =/d'; plan storage_removed
fresh; edit 's/20Gi/50Gi/'; plan storage_grown
fresh; edit 's/postgres:17/postgres:18/'; plan recreate
fresh; plan destroy_all -destroy
fresh; edit 's/"seedling_service" "api"/"seedling_service" "server"/; s/service.api/service.server/'
printf 'moved {\n  from = seedling_service.api\n  to = seedling_service.server\n}\n' >>main.tf; plan moved
fresh; edit 's/"seedling_service" "api"/"seedling_service" "server"/; s/service.api/service.server/'
printf 'moved {\n  from = seedling_service.api\n  to = seedling_service.server\n}\n' >>main.tf; plan moved_and_image -var image=1.5.0
fresh; "$cli" state rm seedling_service.api >/dev/null
printf 'import {\n  to = seedling_service.api\n  id = "%s/api"\n}\n' "$environment" >>main.tf; plan import
fresh; "$cli" state rm seedling_service.api >/dev/null
printf 'import {\n  to = seedling_service.api\n  id = "%s/api"\n}\n' "$environment" >>main.tf; plan import_and_image -var image=1.5.0
fresh; drop seedling_service api
printf 'removed {\n  from = seedling_service.api\n  lifecycle {\n    destroy = false\n  }\n}\n' >>main.tf; plan forget
fresh; edit 's/"edit"/"view"/'; plan access_role
fresh; drop seedling_group_access engineers; plan access_removed
fresh; edit 's/5f0c2f4e-8a34-4e0b-9d52-6d0d3c1a7b01/9b1d7c66-21c5-4f3e-a4f7-0e5b8c2d9a02/'; plan access_group
fresh; edit 's/pods = 40/pods = 10/; s/deletion_protection = false/network = "isolated"\n  pod_security = "privileged"/'; plan environment
fresh; edit 's/api:${var.image}"/api:${terraform_data.seed.output.image}"/'; plan unknown_image -replace=terraform_data.seed
fresh; printf 'resource "seedling_gateway" "public" {\n  environment = seedling_environment.main.name\n  class = "sandbox"\n}\n' >>main.tf; plan gateway
fresh; printf 'check "image" {\n  assert {\n    condition = var.image != "1.4.2"\n    error_message = "CANARY-check"\n  }\n}\n' >>main.tf; plan check_failed
fresh; printf 'resource "seedling_service" "bad" {\n  environment = seedling_environment.main.name\n  name = "bad"\n  image = "registry.example/bad:1"\n  resources = { cpu = "100", memory = "1Gi" }\n}\n' >>main.tf; plan errored -var image=1.5.0
fresh; plan targeted -target=terraform_data.seed -var image=1.5.0
fresh; edit 's/"seedling_service" "api" {/"seedling_service" "api" {\n  count = 1/'; plan counted -var image=1.5.0
fresh; kubectl -n "$environment" set image deployment/api api=registry.example/acme/api:0.1 >/dev/null
kubectl -n "$environment" delete service api >/dev/null; plan drift
fresh; plan refresh_only -refresh-only
fresh; "$cli" apply -no-color -input=false -auto-approve >apply.log || { tail -n 40 apply.log; exit 1; }
fresh; "$cli" destroy -no-color -input=false -auto-approve >apply.log || { tail -n 40 apply.log; exit 1; }

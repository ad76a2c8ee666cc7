terraform {
  required_version = ">= 1.11"
  required_providers {
    seedling = { source = "seedling-dev/seedling" }
  }
}

provider "seedling" {
  project = "acme"
  cluster = { kubeconfig = { path = "~/.kube/config", context = "acme" } }
}

# A service that another root manages.
data "seedling_service" "api" {
  environment = "prod"
  name        = "api"
}

output "api" {
  value = data.seedling_service.api.image
}

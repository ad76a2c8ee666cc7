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

resource "seedling_environment" "dev" {
  name = "dev"
}

resource "seedling_environment" "prod" {
  name = "prod"
}

# Engineers change dev, and read logs and configuration in prod.
resource "seedling_group_access" "engineers" {
  group = "5f0c2f4e-8a34-4e0b-9d52-6d0d3c1a7b01"
  environments = {
    (seedling_environment.dev.name)  = "edit"
    (seedling_environment.prod.name) = "logs"
  }
}

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

locals {
  image = "registry.acme.example/acme/api:1.4.2"
}

# The program tells its own version.
resource "seedling_service" "api" {
  environment = seedling_environment.dev.name
  name        = "api"
  image       = local.image
  port        = 8080
  config      = { VERSION = provider::seedling::image_parts(local.image).tag }
}

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

# Whoever pushes `1.4` anew changes the digest, and the next plan says so.
data "seedling_image" "api" {
  image = "registry.acme.example/acme/api:1.4"
}

resource "seedling_environment" "prod" {
  name = "prod"
}

resource "seedling_service" "api" {
  environment = seedling_environment.prod.name
  name        = "api"
  image       = data.seedling_image.api.reference
  port        = 8080
}

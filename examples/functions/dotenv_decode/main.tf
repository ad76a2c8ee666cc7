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

# The file that docker compose reads stays as it is.
resource "seedling_service" "api" {
  environment = seedling_environment.dev.name
  name        = "api"
  image       = "registry.acme.example/acme/api:1.4.2"
  port        = 8080
  config      = provider::seedling::dotenv_decode(file("${path.module}/api.env"))
}

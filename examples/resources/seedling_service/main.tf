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

variable "database_url" {
  type      = string
  ephemeral = true
}

resource "seedling_environment" "prod" {
  name = "prod"
}

resource "seedling_service" "api" {
  environment = seedling_environment.prod.name
  name        = "api"
  image       = "registry.acme.example/acme/api:1.4.2"
  port        = 8080
  replicas    = 4

  config  = { LOG_LEVEL = "info" }
  secrets = { DATABASE_URL = var.database_url }

  resources = { cpu = "250m", memory = "512Mi" }
  health    = { path = "/healthz" }
  rollout   = { max_unavailable = "25%", max_surge = "25%" }
}

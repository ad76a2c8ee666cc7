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

variable "registry_password" {
  type      = string
  ephemeral = true
}

resource "seedling_environment" "prod" {
  name         = "prod"
  network      = "isolated"
  pod_security = "baseline"

  quota              = { cpu = "16", memory = "64Gi", load_balancers = 1 }
  container_defaults = { cpu = "50m", memory = "64Mi" }

  image_pull = {
    "registry.acme.example" = { username = "acme", password = var.registry_password }
  }
}

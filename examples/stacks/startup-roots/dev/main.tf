# dev alone: its own state, its own pipeline, its own rights.

terraform {
  required_version = ">= 1.11"
  required_providers {
    seedling = { source = "seedling-dev/seedling" }
  }
}

provider "seedling" {
  project = "acme"
  cluster = { kubeconfig = var.kubeconfig }
  ingress = {
    controller = var.ingress_controller
    class      = { gateway = "approuting-istio", ingress-nginx = "nginx" }[var.ingress_controller]
  }
}

module "platform" {
  source = "../../startup/module"

  ingress_controller = var.ingress_controller
  certificate_issuer = "letsencrypt"
  release            = var.release
  registry_password  = var.registry_password
  secrets            = { dev = { database_url = var.database_url, session_key = var.session_key } }

  environments = {
    dev = {
      host             = "dev.acme.example"
      log_level        = "debug"
      quota            = { cpu = "8", memory = "40Gi", gpu = 1 }
      api              = { replicas = 1, cpu = "100m", memory = "256Mi" }
      web              = { replicas = 1, cpu = "50m", memory = "128Mi" }
      image_generation = true
    }
  }

  access = {
    engineers = { group = "5f0c2f4e-8a34-4e0b-9d52-6d0d3c1a7b01", environments = { dev = "edit" } }
    operators = { group = "9b1d7c66-21c5-4f3e-a4f7-0e5b8c2d9a02", environments = { dev = "admin" } }
  }
}

# prod alone: the groups of dev, with the roles they have here.

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
  secrets            = { prod = { database_url = var.database_url, session_key = var.session_key } }

  environments = {
    prod = {
      host      = "www.acme.example"
      log_level = "info"
      network   = "isolated"
      quota     = { cpu = "8", memory = "24Gi" }
      api       = { autoscale = { min = 4, max = 8, cpu_percent = 70 }, cpu = "250m", memory = "512Mi" }
      web       = { replicas = 4, cpu = "100m", memory = "256Mi" }
    }
  }

  access = {
    engineers = { group = "5f0c2f4e-8a34-4e0b-9d52-6d0d3c1a7b01", environments = { prod = "logs" } }
    operators = { group = "9b1d7c66-21c5-4f3e-a4f7-0e5b8c2d9a02", environments = { prod = "admin" } }
    support   = { group = "c37a5e90-6f1b-4d28-8b9e-3a4f7d6e1c03", environments = { prod = "logs" } }
  }
}

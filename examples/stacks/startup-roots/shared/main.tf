# What dev and prod share: monitoring. Its state holds nothing of theirs.

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

  ingress_controller     = var.ingress_controller
  certificate_issuer     = "letsencrypt"
  monitoring             = { host = "grafana.acme.example" }
  grafana_admin_password = var.grafana_admin_password
}

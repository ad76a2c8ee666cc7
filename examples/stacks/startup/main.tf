# A startup's product on one cluster: dev, prod and monitoring, from one root.
# Where dev and prod are released apart, see ../startup-roots.

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
  source = "./module"

  ingress_controller = var.ingress_controller
  certificate_issuer = var.certificate_issuer
  release            = var.release
  registry_password  = var.registry_password

  environments = {
    dev = {
      host             = "dev.${var.domain}"
      log_level        = "debug"
      quota            = { cpu = "8", memory = "40Gi", gpu = 1 }
      api              = { replicas = 1, cpu = "100m", memory = "256Mi" }
      web              = { replicas = 1, cpu = "50m", memory = "128Mi" }
      image_generation = true
    }
    prod = {
      host      = "www.${var.domain}"
      log_level = "info"
      network   = "isolated"
      quota     = { cpu = "8", memory = "24Gi" }
      api       = { autoscale = { min = 4, max = 8, cpu_percent = 70 }, cpu = "250m", memory = "512Mi" }
      web       = { replicas = 4, cpu = "100m", memory = "256Mi" }
    }
  }
  secrets = {
    dev  = { database_url = var.database_urls.dev, session_key = var.session_keys.dev }
    prod = { database_url = var.database_urls.prod, session_key = var.session_keys.prod }
  }

  monitoring             = { host = "grafana.${var.domain}" }
  grafana_admin_password = var.grafana_admin_password

  # Who may do what because of this is written down in access.csv, by hand.
  access = {
    engineers = { group = var.groups.engineers, environments = { dev = "edit", prod = "logs" } }
    operators = { group = var.groups.operators, environments = { dev = "admin", prod = "admin" } }
    support   = { group = var.groups.support, environments = { prod = "logs" } }
  }
}

# What every plan in this folder starts from. make.sh changes a copy of it.

terraform {
  required_providers {
    seedling = { source = "seedling-dev/seedling" }
  }
}

provider "seedling" {
  project = "acme"
  cluster = { kubeconfig = { path = "~/.kube/config", context = "none" } }
}

variable "environment" {
  type = string
}

variable "database_url" {
  type      = string
  ephemeral = true
}

variable "plain_token" {
  type      = string
  sensitive = true
  default   = "CANARY-sensitive-variable"
}

variable "image" {
  type    = string
  default = "1.4.2"
}

resource "seedling_environment" "main" {
  name                = var.environment
  quota               = { cpu = "8", memory = "16Gi", pods = 40 }
  container_defaults  = { cpu = "100m", memory = "128Mi" }
  deletion_protection = false
  image_pull          = { "registry.example" = { username = "robot", password = var.plain_token } }
}

resource "seedling_service" "api" {
  environment = seedling_environment.main.name
  name        = "api"
  image       = "registry.example/acme/api:${var.image}"
  port        = 8080
  replicas    = 4
  config      = { LOG_LEVEL = "info" }
  secrets     = { DATABASE_URL = var.database_url }
  resources   = { cpu = "100m", memory = "128Mi" }
}

resource "seedling_service" "database" {
  environment = seedling_environment.main.name
  name        = "database"
  image       = "postgres:17"
  port        = 5432
  secrets     = { POSTGRES_PASSWORD = var.plain_token }
  storage     = { "/data" = { size = "20Gi", on_destroy = "delete" } }
  resources   = { cpu = "100m", memory = "128Mi" }
}

resource "seedling_group_access" "engineers" {
  group        = "5f0c2f4e-8a34-4e0b-9d52-6d0d3c1a7b01"
  environments = { (seedling_environment.main.name) = "edit" }
}

resource "terraform_data" "seed" {
  input = { image = var.image, token = var.plain_token }
}

output "image" {
  value = var.image
}

output "seed" {
  value     = terraform_data.seed.output
  sensitive = true
}

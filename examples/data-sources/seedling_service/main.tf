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

resource "seedling_environment" "prod" {
  name = "prod"
}

resource "seedling_service" "api" {
  environment = seedling_environment.prod.name
  name        = "api"
  image       = "registry.acme.example/acme/api:1.4.2"
  port        = 8080
}

# In a root that does not manage the service, name it and leave `depends_on` out.
data "seedling_service" "api" {
  environment = "prod"
  name        = "api"
  depends_on  = [seedling_service.api]
}

output "api" {
  value = data.seedling_service.api.host
}

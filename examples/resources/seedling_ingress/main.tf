terraform {
  required_version = ">= 1.11"
  required_providers {
    seedling = { source = "seedling-dev/seedling" }
  }
}

provider "seedling" {
  project = "acme"
  cluster = { kubeconfig = { path = "~/.kube/config", context = "acme" } }
  ingress = { controller = "gateway", class = "approuting-istio" }
}

resource "seedling_environment" "prod" {
  name = "prod"
}

resource "seedling_service" "web" {
  environment = seedling_environment.prod.name
  name        = "web"
  image       = "registry.acme.example/acme/web:1.4.2"
  port        = 3000
}

resource "seedling_gateway" "public" {
  environment = seedling_environment.prod.name
}

resource "seedling_ingress" "web" {
  environment = seedling_environment.prod.name
  name        = "web"
  gateway     = seedling_gateway.public.name
  host        = "www.acme.example"
  tls         = { issuer = "letsencrypt" }
  routes      = { "/" = { service = seedling_service.web.name } }
}

output "dns" {
  value = { for host in seedling_ingress.web.hosts : host => seedling_ingress.web.address }
}

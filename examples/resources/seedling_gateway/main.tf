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

resource "seedling_gateway" "public" {
  environment = seedling_environment.prod.name
}

output "address" {
  value = seedling_gateway.public.address
}

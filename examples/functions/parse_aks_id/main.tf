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

variable "cluster_id" {
  type    = string
  default = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/acme/providers/Microsoft.ContainerService/managedClusters/acme"
}

resource "seedling_environment" "dev" {
  name = "dev"
  labels = {
    "acme.example/cluster" = provider::seedling::parse_aks_id(var.cluster_id).cluster
  }
}

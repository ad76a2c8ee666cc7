terraform {
  required_version = ">= 1.11"
  required_providers {
    seedling = { source = "seedling-dev/seedling" }
  }
}

output "cluster" {
  value = provider::seedling::parse_aks_id(
    "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/acme/providers/Microsoft.ContainerService/managedClusters/acme"
  )
}

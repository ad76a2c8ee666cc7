terraform {
  required_version = ">= 1.11"
  required_providers {
    seedling = { source = "seedling-dev/seedling" }
  }
}

output "image" {
  value = provider::seedling::image_parts("registry.acme.example/acme/api:1.4.2")
}

terraform {
  required_version = ">= 1.11"
  required_providers {
    seedling = { source = "seedling-dev/seedling" }
  }
}

# The file that docker compose read stays as it is.
output "config" {
  value = provider::seedling::dotenv_decode(file("${path.module}/api.env"))
}

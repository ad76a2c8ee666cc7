terraform {
  required_version = ">= 1.11"
  required_providers {
    seedling = {
      source  = "seedling-dev/seedling"
      version = "~> 0.1"
    }
  }
}

terraform {
  required_providers {
    seedling = {
      source = "seedling-dev/seedling"
    }
  }
}

variable "name" {}

variable "workers" {
  type = number
}

variable "image" {}

variable "queue_password" {
  ephemeral = true
}

resource "seedling_environment" "this" {
  name                = var.name
  deletion_protection = var.workers > 0
}

resource "seedling_service" "front" {
  environment = seedling_environment.this.name
  name        = "front"
  image       = var.image
  replicas    = 4
  port        = 80
  files       = { "/etc/front/settings.ini" = "team=${var.name}\n" }
}

resource "seedling_service" "worker" {
  count = var.workers

  environment = seedling_environment.this.name
  name        = "worker-${count.index}"
  image       = var.image
  config      = { QUEUE = "${var.name}-${count.index}" }
  secrets     = { QUEUE_PASSWORD = var.queue_password }
}

output "hosts" {
  value = [seedling_service.front.name]
}

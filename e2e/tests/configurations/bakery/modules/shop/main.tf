terraform {
  required_providers {
    seedling = { source = "seedling-dev/seedling" }
  }
}

variable "town" { type = string }
variable "tag" { type = string }
variable "tills" { type = number }
variable "night_shift" { type = bool }
variable "card_key" {
  type      = string
  ephemeral = true
}

locals {
  environment = "shop-${var.town}"
  settings = merge(
    { TOWN = var.town },
    var.night_shift ? { OPEN = "00:00-24:00" } : { OPEN = "06:00-18:00" },
  )
}

resource "seedling_environment" "this" {
  name    = local.environment
  labels  = { "bakery.example/town" = var.town }
  network = "isolated"
  quota   = { cpu = "2", memory = "4Gi", pods = 30 }
}

resource "seedling_service" "till" {
  environment = seedling_environment.this.name
  name        = "till"
  image       = "registry.example/bakery/till:${var.tag}"
  port        = 7000
  replicas    = var.tills
  config      = local.settings
  secrets     = { CARD_KEY = var.card_key }
  resources   = { cpu = "25m", memory = "64Mi" }
  health      = { path = "/ready" }
  files = {
    "/etc/till/prices.json" = jsonencode({ bun = 12, loaf = 48 })
  }
}

resource "seedling_service" "oven" {
  for_each = toset(var.night_shift ? ["day", "night"] : ["day"])

  environment = seedling_environment.this.name
  name        = "oven-${each.key}"
  image       = "registry.example/bakery/oven:${var.tag}"
  resources   = { cpu = "10m", memory = "16Mi" }
  config      = { TILL = "http://${seedling_service.till.name}:${seedling_service.till.port}" }
}

output "environment" { value = seedling_environment.this.name }
output "tills" { value = "${seedling_service.till.environment}/${seedling_service.till.name}" }

# What somebody writes who has read the reference pages and no example of ours.

terraform {
  required_providers {
    seedling = {
      source = "seedling-dev/seedling"
    }
  }
  backend "s3" {
    bucket = "states"
    key    = "shop"
  }
}

provider "seedling" {
  project = "shop"
  labels  = { cost-centre = "4711" }
  cluster = { kubeconfig = { path = "/etc/kubeconfig", context = "shop" } }
}

provider "seedling" {
  alias   = "lab"
  project = "lab"
  cluster = { kubeconfig = { path = "/etc/kubeconfig", context = "shop" } }
}

variable "queue_password" {
  type      = string
  ephemeral = true
}

variable "image" {
  default = "nginx:1.27"
}

locals {
  teams = {
    orders   = { workers = 2, public = true }
    payments = { workers = 0, public = false }
  }
}

module "team" {
  for_each = local.teams
  source   = "./modules/team"

  name           = each.key
  workers        = each.value.workers
  image          = var.image
  queue_password = var.queue_password
}

# A second project in the same cluster, with the same names of services.
module "lab" {
  count     = 1
  source    = "./modules/team"
  providers = { seedling = seedling.lab }

  name           = "lab-${count.index}"
  workers        = 1
  image          = var.image
  queue_password = "not a secret"
}

output "hosts" {
  value = { for name, team in module.team : name => team.hosts }
}

# Every argument of every resource, each with a value that is not its default: a test imports all of it and
# expects an empty plan. No configuration that people should write looks like this; see ../startup for one.

terraform {
  required_version = ">= 1.11"
  required_providers {
    seedling = { source = "seedling-dev/seedling" }
  }
}

provider "seedling" {
  project = "everything"
  cluster = { kubeconfig = var.kubeconfig }
  ingress = { controller = "gateway", class = "approuting-istio" }
  labels  = { "acme.example/cost-centre" = "4711" }
}

# The same cluster through the other controller, for the arguments that only it has.
provider "seedling" {
  alias   = "nginx"
  project = "everything"
  cluster = { kubeconfig = var.kubeconfig }
  ingress = { controller = "ingress-nginx", class = "nginx" }
  labels  = { "acme.example/cost-centre" = "4711" }
}

resource "seedling_environment" "friend" {
  name = "friend"
}

resource "seedling_environment" "all" {
  name        = "all"
  labels      = { "acme.example/team" = "platform" }
  annotations = { "acme.example/contact" = "platform@acme.example" }

  quota = {
    cpu            = "16"
    memory         = "64Gi"
    cpu_limit      = "32"
    memory_limit   = "96Gi"
    gpu            = 1
    pods           = 50
    storage        = "500Gi"
    claims         = 10
    services       = 20
    load_balancers = 2
  }
  container_defaults = { cpu = "50m", memory = "64Mi", cpu_limit = "1", memory_limit = "256Mi" }

  pod_security = "privileged"
  network      = "isolated"
  allow_from   = [seedling_environment.friend.name]

  image_pull = {
    "registry.acme.example" = { username = "acme", password = var.registry_password }
  }

  deletion_protection = false
  delete_storage      = true
  delete_timeout      = "15m"
  adopt               = true
}

resource "seedling_group_access" "all" {
  group = "0e6b3f6a-94e7-4a5f-8a70-3d1f5c9b2a11"
  environments = {
    (seedling_environment.all.name)    = "plan"
    (seedling_environment.friend.name) = "view"
  }
  adopt = true
}

resource "seedling_environment" "this" {
  for_each = var.environments

  name    = each.key
  network = each.value.network
  quota   = each.value.quota

  # With a quota every container must ask for something: this is for those that forget.
  container_defaults = { cpu = "50m", memory = "64Mi" }

  image_pull = {
    "registry.acme.example" = { username = "acme", password = var.registry_password }
  }
}

resource "seedling_environment" "monitoring" {
  for_each = local.monitoring

  name = each.key
}

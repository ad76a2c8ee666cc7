# One entry point per environment, so that dev and prod share nothing. ingress-nginx brings its own.

resource "seedling_gateway" "this" {
  for_each = var.ingress_controller == "gateway" ? var.environments : {}

  environment = seedling_environment.this[each.key].name
}

resource "seedling_ingress" "this" {
  for_each = var.environments

  environment = seedling_environment.this[each.key].name
  name        = "product"
  gateway     = one([for name, gateway in seedling_gateway.this : gateway.name if name == each.key])
  host        = each.value.host
  tls         = { issuer = var.certificate_issuer }

  routes = {
    "/"    = { service = seedling_service.web[each.key].name }
    "/api" = { service = seedling_service.api[each.key].name }
  }
}

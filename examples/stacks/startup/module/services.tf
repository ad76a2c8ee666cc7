# The product: a back-end and a web front-end in each environment.

locals {
  rollout = { max_unavailable = "25%", max_surge = "25%" }

  # Both programs send their metrics, as OTLP over HTTP, to the collector in the monitoring environment.
  telemetry = {
    for environment, _ in var.environments : environment => {
      OTEL_LOGS_EXPORTER          = "none"
      OTEL_TRACES_EXPORTER        = "none"
      OTEL_EXPORTER_OTLP_ENDPOINT = "http://otel-collector.monitoring:4318"
      OTEL_RESOURCE_ATTRIBUTES    = "deployment.environment.name=${environment},service.version=${var.release}"
    }
  }
}

resource "seedling_service" "api" {
  for_each = var.environments

  environment = seedling_environment.this[each.key].name
  name        = "api"
  image       = "registry.acme.example/acme/api:${var.release}"
  port        = 8080

  replicas  = each.value.api.replicas
  autoscale = each.value.api.autoscale
  resources = { cpu = each.value.api.cpu, memory = each.value.api.memory }

  config = merge(local.telemetry[each.key], {
    LOG_LEVEL         = each.value.log_level
    OTEL_SERVICE_NAME = "api"
    PUBLIC_URL        = "https://${each.value.host}"
  })
  secrets = {
    DATABASE_URL = var.secrets[each.key].database_url
    SESSION_KEY  = var.secrets[each.key].session_key
  }

  health    = { path = "/healthz" }
  rollout   = local.rollout
  node_pool = "workloads"
}

resource "seedling_service" "web" {
  for_each = var.environments

  environment = seedling_environment.this[each.key].name
  name        = "web"
  image       = "registry.acme.example/acme/web:${var.release}"
  port        = 3000

  replicas  = each.value.web.replicas
  resources = { cpu = each.value.web.cpu, memory = each.value.web.memory }

  config = merge(local.telemetry[each.key], {
    API_URL           = "http://${seedling_service.api[each.key].name}:${seedling_service.api[each.key].port}"
    LOG_LEVEL         = each.value.log_level
    OTEL_SERVICE_NAME = "web"
  })
  secrets = { SESSION_KEY = var.secrets[each.key].session_key }

  health    = { path = "/" }
  rollout   = local.rollout
  node_pool = "workloads"
}

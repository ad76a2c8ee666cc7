# OpenTelemetry collector → Prometheus → Grafana: three ordinary services.
# api and web send metrics here; traces and logs need a store that this stack does not have.

locals {
  monitoring = var.monitoring == null ? {} : { monitoring = var.monitoring }
}

resource "seedling_service" "collector" {
  for_each = local.monitoring

  environment = seedling_environment.monitoring[each.key].name
  name        = "otel-collector"
  image       = "otel/opentelemetry-collector-contrib:0.135.0"
  args        = ["--config=/etc/otel/config.yaml"]
  ports = {
    otlp-grpc = { port = 4317, app_protocol = "kubernetes.io/h2c" }
    otlp-http = { port = 4318 }
    metrics   = { port = 8889 }
    health    = { port = 13133 }
  }
  files     = { "/etc/otel/config.yaml" = file("${path.module}/files/otel-collector.yaml") }
  resources = { cpu = "100m", memory = "256Mi" }
  health    = { path = "/", port = "health" }
}

resource "seedling_service" "prometheus" {
  for_each = local.monitoring

  environment = seedling_environment.monitoring[each.key].name
  name        = "prometheus"
  image       = "prom/prometheus:v3.5.0"
  port        = 9090
  args = [
    "--config.file=/etc/prometheus/prometheus.yaml",
    "--storage.tsdb.path=/prometheus",
    "--storage.tsdb.retention.time=15d",
  ]
  files = {
    "/etc/prometheus/prometheus.yaml" = templatefile("${path.module}/files/prometheus.yaml", {
      collector = seedling_service.collector[each.key].name
    })
  }
  # Fifteen days of metrics are no loss when monitoring itself is destroyed.
  storage   = { "/prometheus" = { size = "20Gi", on_destroy = "delete" } }
  run_as    = { user = 65534, group = 65534 }
  resources = { cpu = "200m", memory = "1Gi" }
  health    = { path = "/-/healthy", readiness = { path = "/-/ready" } }
}

resource "seedling_service" "grafana" {
  for_each = local.monitoring

  environment = seedling_environment.monitoring[each.key].name
  name        = "grafana"
  image       = "grafana/grafana:12.2.0"
  port        = 3000
  config      = { GF_SERVER_ROOT_URL = "https://${each.value.host}" }
  secrets     = { GF_SECURITY_ADMIN_PASSWORD = var.grafana_admin_password }
  files = {
    "/etc/grafana/provisioning/datasources/prometheus.yaml" = templatefile("${path.module}/files/grafana-datasource.yaml", {
      prometheus = seedling_service.prometheus[each.key].name
    })
  }
  # Data source and password come from here; what people click together goes with Grafana.
  storage   = { "/var/lib/grafana" = { size = "5Gi", on_destroy = "delete" } }
  run_as    = { user = 472, group = 472 }
  resources = { cpu = "100m", memory = "256Mi" }
  health    = { path = "/api/health" }
}

resource "seedling_gateway" "monitoring" {
  for_each = var.ingress_controller == "gateway" ? local.monitoring : {}

  environment = seedling_environment.monitoring[each.key].name
}

resource "seedling_ingress" "grafana" {
  for_each = local.monitoring

  environment = seedling_environment.monitoring[each.key].name
  name        = "grafana"
  gateway     = one([for gateway in seedling_gateway.monitoring : gateway.name])
  host        = each.value.host
  tls         = { issuer = var.certificate_issuer }
  routes      = { "/" = { service = seedling_service.grafana[each.key].name } }
}

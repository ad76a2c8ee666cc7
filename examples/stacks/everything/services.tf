# A service that scales, with several ports and everything around the program.
resource "seedling_service" "scaled" {
  environment = seedling_environment.all.name
  name        = "scaled"
  image       = "registry.acme.example/acme/scaled:2.0.1"
  ports = {
    http = { port = 80, target = 8080, app_protocol = "http" }
    dns  = { port = 53, target = 5353, protocol = "UDP" }
  }
  autoscale = { min = 2, max = 5, cpu_percent = 60, memory_percent = 80 }

  config          = { LOG_LEVEL = "debug" }
  secrets         = { TOKEN = var.secret }
  secrets_version = "7"
  secret_refs     = { SHARED = { secret = "shared", key = "token", optional = true } }
  environment_from_field = {
    POD_IP       = "status.podIP"
    POD_NAME     = "metadata.name"
    MEMORY_LIMIT = "limits.memory"
  }
  files        = { "/etc/scaled/settings.yaml" = "verbose: true\n" }
  secret_files = { "/etc/scaled/token" = var.secret }
  scratch = {
    "/tmp"     = { size = "1Gi" }
    "/dev/shm" = { size = "256Mi", memory = true }
  }
  storage = { "/shared" = { size = "10Gi", access = "shared" } }

  resources = { cpu = "200m", memory = "256Mi", cpu_limit = "400m", memory_limit = "512Mi" }
  health = {
    path      = "/healthz"
    port      = "http"
    startup   = { tcp = true, port = "8080", initial_delay = "1s", period = "3s", timeout = "2s", failures = 40 }
    readiness = { path = "/ready", period = "4s", timeout = "1s", failures = 2 }
    liveness  = { command = ["/bin/alive"], period = "20s", timeout = "5s", failures = 4 }
  }
  rollout = {
    max_unavailable = "0"
    max_surge       = "50%"
    timeout         = "15m"
    on_failure      = "roll_back"
    min_ready       = "2s"
  }

  node_pool   = "workloads"
  tolerations = [{ key = "acme.example/slow", value = "disk", effect = "NoExecute", stay = "5m" }]
  run_as      = { user = 1000, group = 1000, fs_group = 2000 }
  identity = {
    client_id = "7d3a1c52-0c65-4b0e-9a55-51c0a8a7f1d2"
    tenant_id = "2b4cf8f7-6e0d-4d1c-8a4b-9f1f0a6b7c3e"
  }
  restricted = true

  sidecars = {
    proxy = {
      image       = "registry.acme.example/acme/proxy:1.0.0"
      command     = ["/proxy"]
      args        = ["--upstream=127.0.0.1:8080"]
      config      = { PROXY_LEVEL = "2" }
      secret_refs = { PROXY_KEY = { secret = "shared", key = "proxy", optional = true } }
      resources   = { cpu = "20m", memory = "32Mi", cpu_limit = "100m", memory_limit = "64Mi" }
      health      = { tcp = true, port = "9000", liveness = { enabled = false } }
      inherit     = true
    }
  }
  init = [{
    name        = "warm-up"
    image       = "registry.acme.example/acme/warm-up:1.0.0"
    command     = ["/warm-up"]
    args        = ["--once"]
    config      = { TARGET = "/tmp/cache" }
    secret_refs = { WARM_KEY = { secret = "shared", key = "warm", optional = true } }
    resources   = { cpu = "50m", memory = "64Mi", cpu_limit = "100m", memory_limit = "128Mi" }
    inherit     = false
  }]

  pod_patch = jsonencode({
    metadata = { annotations = { "acme.example/patched" = "yes" } }
    spec     = { dnsPolicy = "Default" }
  })
  adopt = true
}

# A program with a disk of its own and a GPU: one pod.
resource "seedling_service" "single" {
  environment = seedling_environment.all.name
  name        = "single"
  image       = "registry.acme.example/acme/single:1.0.0"
  port        = 7860
  command     = ["/single"]
  args        = ["--listen"]
  storage = {
    "/data" = { size = "20Gi", class = "azurefile-csi", claim = "single-models", on_destroy = "delete" }
  }
  resources = { cpu = "1", memory = "4Gi", cpu_limit = "2", gpu = 1 }
  node_pool = "gpu"
  health    = { command = ["/bin/alive"] }
  adopt     = true
}

# A fixed number of pods that nobody calls.
resource "seedling_service" "worker" {
  environment = seedling_environment.all.name
  name        = "worker"
  image       = "registry.acme.example/acme/worker:1.0.0"
  replicas    = 2
  resources   = { cpu = "50m", memory = "64Mi", cpu_limit = "100m" }
  rollout     = { max_unavailable = "1", max_surge = "0" }
  adopt       = true
}

# What the ingresses lead to.
resource "seedling_service" "web" {
  environment = seedling_environment.all.name
  name        = "web"
  image       = "registry.acme.example/acme/web:1.0.0"
  port        = 3000
  health      = { tcp = true }
  resources   = { cpu = "50m", memory = "64Mi", cpu_limit = "100m" }
  adopt       = true
}

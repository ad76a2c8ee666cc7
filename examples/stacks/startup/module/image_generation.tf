# A self-hosted stable-diffusion-webui, for the environments that ask for it.

resource "seedling_service" "image_generation" {
  for_each = { for name, environment in var.environments : name => environment if environment.image_generation }

  environment = seedling_environment.this[each.key].name
  name        = "stable-diffusion-webui"
  image       = "registry.acme.example/tools/stable-diffusion-webui:1.10.1"
  port        = 7860
  args        = ["--listen", "--api", "--data-dir", "/data"]

  resources = { cpu = "2", memory = "12Gi", gpu = 1 }
  node_pool = "gpu"

  # Models are downloaded again when they are missing, so the disk may go with the service.
  storage = { "/data" = { size = "50Gi", on_destroy = "delete" } }
  scratch = { "/dev/shm" = { size = "2Gi", memory = true } }

  health  = { path = "/internal/ping" }
  rollout = { timeout = "30m" }
}

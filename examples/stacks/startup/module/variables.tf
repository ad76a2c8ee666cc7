variable "ingress_controller" {
  description = "gateway or ingress-nginx, as the provider is told."
  type        = string
}

variable "certificate_issuer" {
  description = "cert-manager ClusterIssuer of the certificates."
  type        = string
}

variable "release" {
  description = "Version of api and web."
  type        = string
  default     = null
}

variable "environments" {
  description = "Environments that hold the product, by name."
  default     = {}
  type = map(object({
    host             = string
    log_level        = string
    network          = optional(string, "open")
    quota            = object({ cpu = string, memory = string, gpu = optional(number) })
    image_generation = optional(bool, false)
    api = object({
      replicas  = optional(number)
      autoscale = optional(object({ min = number, max = number, cpu_percent = number }))
      cpu       = string
      memory    = string
    })
    web = object({ replicas = number, cpu = string, memory = string })
  }))
}

variable "secrets" {
  description = "Secrets of each environment."
  type        = map(object({ database_url = string, session_key = string }))
  default     = {}
  ephemeral   = true
}

variable "registry_password" {
  description = "Password for registry.acme.example."
  type        = string
  default     = null
  ephemeral   = true
}

variable "monitoring" {
  description = "Collector, Prometheus and Grafana; host is Grafana's. Leave it out where another root has them."
  type        = object({ host = string })
  default     = null
}

variable "grafana_admin_password" {
  description = "Password of Grafana's user admin."
  type        = string
  default     = null
  ephemeral   = true
}

variable "access" {
  description = "Entra groups by object id, and their role in each environment of this root."
  type        = map(object({ group = string, environments = map(string) }))
  default     = {}
}

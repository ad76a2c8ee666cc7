variable "kubeconfig" {
  description = "File and context that lead to the cluster."
  type        = object({ path = string, context = string })
  default     = { path = "~/.kube/config", context = "acme" }
}

variable "ingress_controller" {
  description = "What realises ingresses: gateway or ingress-nginx."
  type        = string
  default     = "gateway"

  validation {
    condition     = contains(["gateway", "ingress-nginx"], var.ingress_controller)
    error_message = "ingress_controller is gateway or ingress-nginx."
  }
}

variable "release" {
  description = "Version of api and web. Another one rolls their pods."
  type        = string
  default     = "1.4.2"
}

variable "registry_password" {
  description = "Password for registry.acme.example."
  type        = string
  ephemeral   = true
}

variable "database_url" {
  description = "Connection string of the api's database."
  type        = string
  ephemeral   = true
}

variable "session_key" {
  description = "Key that signs sessions, shared by api and web."
  type        = string
  ephemeral   = true
}

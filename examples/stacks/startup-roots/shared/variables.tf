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

variable "grafana_admin_password" {
  description = "Password of Grafana's user admin."
  type        = string
  ephemeral   = true
}

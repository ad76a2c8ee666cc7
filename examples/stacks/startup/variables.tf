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

variable "certificate_issuer" {
  description = "cert-manager ClusterIssuer of the certificates."
  type        = string
  default     = "letsencrypt"
}

variable "domain" {
  description = "Domain of the product."
  type        = string
  default     = "acme.example"
}

variable "release" {
  description = "Version of api and web. Another one rolls their pods."
  type        = string
  default     = "1.4.2"
}

variable "groups" {
  description = "Object ids of the Entra groups."
  type        = object({ engineers = string, operators = string, support = string })
  default = {
    engineers = "5f0c2f4e-8a34-4e0b-9d52-6d0d3c1a7b01"
    operators = "9b1d7c66-21c5-4f3e-a4f7-0e5b8c2d9a02"
    support   = "c37a5e90-6f1b-4d28-8b9e-3a4f7d6e1c03"
  }
}

# Secrets are ephemeral: they reach the cluster and are in no plan and no state.
# Give them by TF_VAR_… in the environment; the value of -var can be read in the list of processes.

variable "registry_password" {
  description = "Password for registry.acme.example."
  type        = string
  ephemeral   = true
}

variable "database_urls" {
  description = "Connection string of the api's database, per environment."
  type        = object({ dev = string, prod = string })
  ephemeral   = true
}

variable "session_keys" {
  description = "Key that signs sessions, shared by api and web, per environment."
  type        = object({ dev = string, prod = string })
  ephemeral   = true
}

variable "grafana_admin_password" {
  description = "Password of Grafana's user admin."
  type        = string
  ephemeral   = true
}

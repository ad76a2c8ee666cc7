variable "kubeconfig" {
  description = "File and context that lead to the cluster."
  type        = object({ path = string, context = string })
  default     = { path = "~/.kube/config", context = "acme" }
}

variable "registry_password" {
  type      = string
  ephemeral = true
}

variable "secret" {
  description = "Value of every secret of the services."
  type        = string
  ephemeral   = true
}

variable "basic_auth_password" {
  type      = string
  ephemeral = true
}

variable "private_key" {
  description = "Private key of own.everything.example.pem, without the PEM frame."
  type        = string
  ephemeral   = true
}

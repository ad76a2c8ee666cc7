variable "bread" {
  description = "Tag of the shop's image."
  default     = "sourdough-7"
}

variable "card_terminal_key" {
  type      = string
  ephemeral = true
}

variable "mail_password" {
  type      = string
  sensitive = true
  ephemeral = true
}

variable "archive" {
  type    = bool
  default = true
}

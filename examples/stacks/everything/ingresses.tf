resource "seedling_gateway" "all" {
  environment     = seedling_environment.all.name
  name            = "inside"
  class           = "approuting-istio"
  internal        = true
  annotations     = { "service.beta.kubernetes.io/azure-load-balancer-tcp-idle-timeout" = "10" }
  address_timeout = "5m"
  adopt           = true
}

resource "seedling_ingress" "gateway" {
  environment     = seedling_environment.all.name
  name            = "gateway"
  gateway         = "${seedling_environment.all.name}/${seedling_gateway.all.name}"
  host            = "gateway.everything.example"
  aliases         = ["www.gateway.everything.example"]
  tls             = { issuer = "letsencrypt" }
  redirect_http   = false
  timeouts        = { request = "45s" }
  address_timeout = "5m"
  adopt           = true
  routes = {
    "/"    = { service = seedling_service.web.name, port = 3000 }
    "/api" = { service = seedling_service.scaled.name, port = 80 }
  }
}

resource "seedling_ingress" "nginx" {
  provider = seedling.nginx

  environment     = seedling_environment.all.name
  name            = "nginx"
  host            = "nginx.everything.example"
  aliases         = ["www.nginx.everything.example"]
  tls             = { issuer = "letsencrypt" }
  redirect_http   = false
  max_body_size   = "16Mi"
  timeouts        = { request = "45s", connect = "5s" }
  websocket       = true
  basic_auth      = { admin = var.basic_auth_password }
  allow_cidrs     = ["10.0.0.0/8", "192.168.0.0/16"]
  address_timeout = "5m"
  adopt           = true
  routes          = { "/" = { service = seedling_service.web.name, port = 3000 } }
}

# The other ways to have a certificate: a Secret that exists, and a pair that is given.
resource "seedling_ingress" "existing" {
  environment = seedling_environment.all.name
  name        = "existing"
  gateway     = seedling_gateway.all.name
  host        = "existing.everything.example"
  tls         = { secret = "nginx-tls" } # cert-manager fills it for the ingress `nginx`
  adopt       = true
  routes      = { "/" = { service = seedling_service.web.name, port = 3000 } }
}

resource "seedling_ingress" "own" {
  environment = seedling_environment.all.name
  name        = "own"
  gateway     = seedling_gateway.all.name
  host        = "own.everything.example"
  adopt       = true
  routes      = { "/" = { service = seedling_service.web.name, port = 3000 } }
  tls = {
    certificate = file("${path.module}/own.everything.example.pem")
    key         = "-----BEGIN PRIVATE KEY-----\n${var.private_key}\n-----END PRIVATE KEY-----\n"
  }
}

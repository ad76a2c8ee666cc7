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
  websocket       = true
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

output "dns" {
  description = "Host name → address: the DNS records to make."
  value = {
    for ingress in concat(values(seedling_ingress.this), values(seedling_ingress.grafana)) :
    ingress.host => ingress.address
  }
}

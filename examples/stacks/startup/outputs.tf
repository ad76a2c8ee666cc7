output "dns" {
  description = "Host name → address: the DNS records to make."
  value       = module.platform.dns
}

locals {
  shops = {
    oslo   = { tills = 2, night_shift = false }
    bergen = { tills = 3, night_shift = true }
  }
}

module "shop" {
  source   = "./modules/shop"
  for_each = local.shops

  town        = each.key
  tag         = var.bread
  tills       = each.value.tills
  night_shift = each.value.night_shift
  card_key    = var.card_terminal_key
}

resource "seedling_environment" "letters" {
  provider = seedling.newsletter

  name                = "letters"
  deletion_protection = false
  delete_storage      = true
}

resource "seedling_service" "sender" {
  provider = seedling.newsletter
  count    = 2

  environment = seedling_environment.letters.name
  name        = "sender-${count.index}"
  image       = "registry.example/newsletter/sender:${var.bread}"
  args        = ["--shard", tostring(count.index)]
  secrets     = { SMTP_PASSWORD = var.mail_password }
  secret_files = {
    "/etc/sender/login" = "mailer:${var.mail_password}"
  }
  resources = { cpu = "20m", memory = "32Mi" }
}

# The same name as the shops' service, in another project's environment.
resource "seedling_service" "till" {
  provider = seedling.newsletter
  count    = var.archive ? 1 : 0

  environment = seedling_environment.letters.name
  name        = "till"
  image       = "registry.example/newsletter/archive:1"
  storage     = { "/letters" = { size = "1Gi" } }
  depends_on  = [module.shop]
}

resource "seedling_group_access" "bakers" {
  group        = "1d5a0a76-0a45-4f0e-9a2e-64d9e2b9c001"
  environments = { for town, shop in module.shop : shop.environment => town == "oslo" ? "edit" : "logs" }
}

output "shops" {
  value = { for town, shop in module.shop : town => shop.tills }
}

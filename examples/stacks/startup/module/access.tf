resource "seedling_group_access" "this" {
  for_each = var.access

  group = each.value.group
  environments = {
    for environment, role in each.value.environments : seedling_environment.this[environment].name => role
  }
}

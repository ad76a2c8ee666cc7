locals {
  cluster = {
    kubeconfig = {
      path    = "~/.kube/config"
      context = "bakery-aks"
    }
  }
}

provider "seedling" {
  project = "bakery"
  cluster = local.cluster
  ingress = { controller = "ingress-nginx", class = "nginx" }
  labels  = { "bakery.example/owner" = "ovens" }
}

# The newsletter is another team's: same cluster, another project.
provider "seedling" {
  alias   = "newsletter"
  project = "newsletter"
  cluster = local.cluster
}

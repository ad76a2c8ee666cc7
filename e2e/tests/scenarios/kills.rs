//! Providers that are killed, and answers that do not come: the next apply finishes what was begun.

mod chain;
mod faults;

use std::collections::BTreeMap;

use libtest_mimic::{Failed, Trial};
use seedling_e2e::proof::cluster::compare::{Snapshot, differences, snapshot};
use seedling_e2e::proof::cluster::objects::{Live, PROJECT, UNFINISHED, of_projects};
use seedling_faults::{Noted, Proxy};

use crate::folder::Folder;
use crate::stage::{NEEDS, Stage, scenario};

pub fn trials() -> Vec<Trial> {
    vec![
        scenario("killed_at_each_write_of_the_startup", NEEDS, chain::startup),
        scenario("killed_before_each_write", NEEDS, chain::before),
        scenario("killed_after_each_write", NEEDS, chain::after),
        scenario(
            "faults_at_each_write_of_an_update",
            NEEDS,
            faults::each_write,
        ),
        scenario("a_server_that_stays_broken", NEEDS, faults::lasting),
    ]
}

/// An environment with everything, two services that together have every kind of object, and what leads to them.
fn stack(level: &str) -> String {
    format!(
        r#"
        variable "token" {{ ephemeral = true }}
        resource "seedling_environment" "this" {{
          name                = local.project
          deletion_protection = false
          delete_storage      = true
          quota               = {{ cpu = "4", pods = 40 }}
          container_defaults  = {{ cpu = "10m", memory = "16Mi" }}
          network             = "isolated"
          image_pull          = {{ "registry.example" = {{ username = "acme", password = var.token }} }}
        }}
        resource "seedling_service" "api" {{
          environment = seedling_environment.this.name
          name        = "api"
          image       = "registry.example/acme/api:1"
          port        = 8080
          autoscale   = {{ min = 2, max = 4, cpu_percent = 70 }}
          resources   = {{ cpu = "10m", memory = "16Mi" }}
          config      = {{ LEVEL = "{level}" }}
          secrets     = {{ TOKEN = var.token }}
        }}
        resource "seedling_service" "store" {{
          environment = seedling_environment.this.name
          name        = "store"
          image       = "registry.example/acme/store:1"
          port        = 5432
          storage     = {{ "/data" = {{ size = "1Gi", on_destroy = "delete" }} }}
          files       = {{ "/etc/store.yaml" = "level: {level}" }}
        }}
        resource "seedling_gateway" "this" {{
          environment = seedling_environment.this.name
        }}
        resource "seedling_ingress" "this" {{
          environment = seedling_environment.this.name
          name        = "site"
          gateway     = seedling_gateway.this.name
          host        = "${{local.project}}.example"
          tls         = {{ issuer = "letsencrypt" }}
          routes      = {{ "/" = {{ service = seedling_service.api.name }} }}
        }}
        resource "seedling_group_access" "this" {{
          group        = "1d5a0a76-0a45-4f0e-9a2e-64d9e2b9c002"
          environments = {{ (seedling_environment.this.name) = "logs" }}
        }}
        "#
    )
}

/// A folder whose provider reaches the API server through a proxy of its own.
async fn through_proxy(stage: &Stage, project: &str) -> Result<(Folder, Proxy), Failed> {
    let folder = stage.folder(project)?;
    let (proxy, access) = stage.world()?.cluster().admin().through_proxy().await?;
    folder.connect(|sandbox| *sandbox = access.sandbox())?;
    folder.set("token", "a-token-that-nobody-sees");
    Ok((folder, proxy))
}

/// A write by a name that does not depend on random keys: names of Secrets and ConfigMaps end in a hash of their content.
fn name(request: &Noted) -> String {
    let path = &request.id.path;
    let bare = match path.rsplit_once('-') {
        Some((start, hash)) if is_hash(hash) => format!("{start}-(content)"),
        _ => path.clone(),
    };
    format!("{} {bare} #{}", request.id.method, request.id.nth)
}

fn is_hash(text: &str) -> bool {
    text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// What a project has in the cluster.
async fn objects(stage: &Stage, project: &str) -> Result<Vec<Live>, Failed> {
    let mut found = of_projects(stage.cluster()?.client()).await?;
    found.retain(|object| object.label(PROJECT) == Some(project));
    Ok(found)
}

/// Everything finished, and how many objects of each kind there are: a Secret that nobody uses any more counts too.
fn counted(objects: &[Live]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for object in objects {
        assert!(
            object.annotation(UNFINISHED).is_none(),
            "{object} is unfinished"
        );
        *counts.entry(object.resource.kind.clone()).or_default() += 1;
    }
    counts
}

/// The same objects, each once, with the same content.
fn assert_same(expected: &[Live], found: &[Live]) {
    let shots: [Snapshot; 2] = [snapshot(expected), snapshot(found)];
    let [expected_shot, found_shot] = &shots;
    assert_eq!(differences(expected_shot, found_shot), Vec::<String>::new());
    assert_eq!(counted(expected), counted(found));
}

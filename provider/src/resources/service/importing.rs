//! Import: arguments from the intent that the Deployment carries, or from foreign objects as well
//! as possible.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::try_join_all;
use seedling_model::{
    Object, digest,
    service::{self, LiveObjects},
};
use seedling_schema::{Diagnostic, ImportReply, ImportRequest, Private, Value};
use serde_json::Value as Json;

use super::{Service, parts, secrets, writing};
use crate::resources::managed::Managed as _;
use crate::{
    kubernetes::{Cluster, Failure, Kind, kinds},
    resources::support::{arguments::state_of, digests, guessed, identity_of, import_id},
    session::Session,
};

/// Reads the service of this id or identity.
pub async fn import(session: &Session, request: &ImportRequest) -> Result<ImportReply, Diagnostic> {
    let parts = import_id(
        request,
        &["environment", "name"],
        "`environment/name`, such as `prod/api`",
    )?;
    let (environment, name) = (parts[0].as_str(), parts[1].as_str());
    let title = format!("{environment}/{name}");
    let cluster = session.cluster().await?;
    let reading = |failure: Failure| failure.diagnostic(&format!("read service {title}"));
    let Some(deployment) = cluster
        .get(kinds::DEPLOYMENT, Some(environment), name)
        .await
        .map_err(reading)?
    else {
        return Err(Diagnostic::error(
            format!("There is no service {title}"),
            format!(
                "Namespace {environment} has no Deployment {name}. Check the import id and the provider's `cluster` block."
            ),
        ));
    };
    let used = Used::find(cluster, &deployment).await.map_err(reading)?;
    let (args, guesses) = service::from_live(&used.live(&deployment));
    let mut state = state_of(&args, &Service.schema())?;
    let mut private = Private::default();
    state.set("selector", Value::from(parts::live_selector(&deployment)));
    if let Some(secret) = used.own_secret() {
        writing::remember_secret(&mut private, Some(secret.name()));
        state.set("secret_digests", secret_digests(secret, &deployment));
    }
    Ok(ImportReply {
        state: Some(state),
        private,
        identity: Some(identity_of(&[("environment", environment), ("name", name)])),
        diagnostics: guessed(&title, &guesses),
    })
}

fn secret_digests(secret: &Object, deployment: &Object) -> Value {
    let data = secrets::named_data(secret, mounted_paths(deployment));
    let key = digests::key_of(secret).unwrap_or_default();
    digests::value(digest::digests(&data, &key))
}

/// Where the pods mount single keys of ConfigMaps and Secrets: the paths of files.
fn mounted_paths(deployment: &Object) -> Vec<String> {
    let containers = deployment.at("/spec/template/spec/containers").as_array();
    let mounts = containers
        .into_iter()
        .flatten()
        .flat_map(|container| container["volumeMounts"].as_array().into_iter().flatten());
    mounts
        .filter(|mount| mount["subPath"].is_string())
        .filter_map(|mount| mount["mountPath"].as_str().map(str::to_owned))
        .collect()
}

/// The objects that belong to a Deployment, found by what it refers to and by name.
struct Used {
    service: Option<Object>,
    autoscaler: Option<Object>,
    config_maps: Vec<Object>,
    claims: Vec<Object>,
    secrets: Vec<Object>,
    secret_keys: BTreeMap<String, Vec<String>>,
}

impl Used {
    async fn find(cluster: &Cluster, deployment: &Object) -> Result<Self, Failure> {
        let (namespace, name) = (deployment.namespace(), deployment.name());
        let mut names = References::default();
        names.collect(deployment.at("/spec/template/spec"));
        let secrets = match all(cluster, kinds::SECRET, namespace, &names.secrets).await {
            // Digests are then null; the read that follows warns.
            Err(failure) if failure.is_forbidden() => Vec::new(),
            other => other?,
        };
        Ok(Self {
            service: cluster.get(kinds::SERVICE, namespace, name).await?,
            autoscaler: cluster.get(kinds::AUTOSCALER, namespace, name).await?,
            config_maps: all(cluster, kinds::CONFIG_MAP, namespace, &names.config_maps).await?,
            claims: all(cluster, kinds::CLAIM, namespace, &names.claims).await?,
            secret_keys: secrets.iter().map(keys_by_name).collect(),
            secrets,
        })
    }

    /// The Secret of our own making: only that one has a key for digests.
    fn own_secret(&self) -> Option<&Object> {
        self.secrets
            .iter()
            .find(|secret| digests::key_of(secret).is_some())
    }

    fn live<'a>(&'a self, deployment: &'a Object) -> LiveObjects<'a> {
        LiveObjects {
            deployment,
            service: self.service.as_ref(),
            autoscaler: self.autoscaler.as_ref(),
            config_maps: &self.config_maps,
            claims: &self.claims,
            secret_keys: &self.secret_keys,
        }
    }
}

async fn all(
    cluster: &Cluster,
    kind: Kind,
    namespace: Option<&str>,
    names: &BTreeSet<String>,
) -> Result<Vec<Object>, Failure> {
    let reads = names.iter().map(|name| cluster.get(kind, namespace, name));
    Ok(try_join_all(reads).await?.into_iter().flatten().collect())
}

fn keys_by_name(secret: &Object) -> (String, Vec<String>) {
    let keys = secret.at("/data").as_object().into_iter().flatten();
    (
        secret.name().to_owned(),
        keys.map(|(key, _)| key.clone()).collect(),
    )
}

/// Names of objects that a pod refers to.
#[derive(Default)]
struct References {
    config_maps: BTreeSet<String>,
    secrets: BTreeSet<String>,
    claims: BTreeSet<String>,
}

impl References {
    fn collect(&mut self, value: &Json) {
        for (member, inside) in value.as_object().into_iter().flatten() {
            let (names, name) = match member.as_str() {
                "configMap" | "configMapRef" | "configMapKeyRef" => (&mut self.config_maps, "name"),
                "secretRef" | "secretKeyRef" => (&mut self.secrets, "name"),
                "secret" => (&mut self.secrets, "secretName"),
                "persistentVolumeClaim" => (&mut self.claims, "claimName"),
                _ => {
                    self.collect(inside);
                    continue;
                }
            };
            names.extend(inside[name].as_str().map(str::to_owned));
        }
        for item in value.as_array().into_iter().flatten() {
            self.collect(item);
        }
    }
}

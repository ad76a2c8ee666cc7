//! One environment as it is compared: from live objects back to arguments.

use std::collections::{BTreeMap, BTreeSet};

use seedling_model::{Object, environment, ingress, service};
use seedling_review::between::{Side, Sort, Thing};
use serde::Serialize;
use serde_json::Value;

use super::live::{Live, Source, source};
use crate::failure::Failure;

const DEPLOYMENTS: Source = source("apps", "v1", "Deployment", "deployments");
const SERVICES: Source = source("", "v1", "Service", "services");
const CONFIG_MAPS: Source = source("", "v1", "ConfigMap", "configmaps");
const CLAIMS: Source = source("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims");
const AUTOSCALERS: Source = source(
    "autoscaling",
    "v2",
    "HorizontalPodAutoscaler",
    "horizontalpodautoscalers",
);
const INGRESSES: Source = source("networking.k8s.io", "v1", "Ingress", "ingresses");
const ROUTES: Source = source("gateway.networking.k8s.io", "v1", "HTTPRoute", "httproutes");

/// An environment, and what had to be guessed about it.
pub struct Read {
    /// For the comparison.
    pub side: Side,
    /// Sentences.
    pub guesses: Vec<String>,
}

/// Reads an environment: its namespace, and the services and ingresses in it that Seedling manages.
pub async fn read(live: &Live) -> Result<Read, Failure> {
    let namespace = live.namespace().await?;
    let mut read = Read {
        side: Side::new(&live.environment),
        guesses: Vec::new(),
    };
    let (args, guesses) = environment::from_live(environment::LiveObjects {
        namespace: &namespace,
    });
    read.add(Sort::Environment, "", &args, guesses)?;
    services(live, &mut read).await?;
    ingresses(live, &mut read).await?;
    Ok(read)
}

async fn services(live: &Live, read: &mut Read) -> Result<(), Failure> {
    let all = |source| live.of_type(source, "service");
    let (deployments, services, autoscalers, config_maps, claims) = tokio::try_join!(
        all(DEPLOYMENTS),
        all(SERVICES),
        all(AUTOSCALERS),
        all(CONFIG_MAPS),
        all(CLAIMS)
    )?;
    for deployment in &deployments {
        let (args, guesses) = service::from_live(&service::LiveObjects {
            deployment,
            service: called(&services, deployment.name()),
            autoscaler: called(&autoscalers, deployment.name()),
            config_maps: &config_maps,
            claims: &claims,
            secret_keys: &BTreeMap::new(),
        });
        let name = deployment.name().to_owned();
        let foreign: BTreeSet<String> = args
            .secret_refs
            .given()
            .into_iter()
            .flat_map(|refs| refs.keys().cloned())
            .collect();
        let mut keys = secret_keys(deployment);
        keys.retain(|key| !foreign.contains(key));
        read.add(Sort::Service, &name, &args, guesses)?.secrets = Some(keys);
    }
    Ok(())
}

async fn ingresses(live: &Live, read: &mut Read) -> Result<(), Failure> {
    let (ingresses, routes) = tokio::try_join!(
        live.of_type(INGRESSES, "ingress"),
        live.of_type(ROUTES, "ingress")
    )?;
    // What redirects to HTTPS is a route of its own without the annotation that holds the arguments.
    let leading = |it: &&Object| it.annotation(seedling_model::labels::INTENT).is_some();
    for leading in ingresses.iter().chain(&routes).filter(leading) {
        let (args, guesses) = ingress::from_live(ingress::LiveObjects { leading });
        read.add(Sort::Ingress, leading.name(), &args, guesses)?;
    }
    Ok(())
}

impl Read {
    fn add(
        &mut self,
        sort: Sort,
        name: &str,
        args: &impl Serialize,
        guesses: Vec<String>,
    ) -> Result<&mut Thing, Failure> {
        let arguments =
            serde_json::to_value(args).map_err(|error| Failure::new(error.to_string()))?;
        let place = format!("{}/{name}", self.side.name);
        self.guesses
            .extend(guesses.into_iter().map(|guess| format!("{place}: {guess}")));
        let key = (sort, name.to_owned());
        let thing = Thing::of_arguments(sort, &arguments);
        Ok(self.side.things.entry(key).or_insert(thing))
    }
}

/// Names of variables and paths of files whose values come from Secrets, as the pod template has them: no Secret needs
/// to be read.
fn secret_keys(deployment: &Object) -> BTreeSet<String> {
    let pod = deployment.at("/spec/template/spec");
    let containers = list(&pod["containers"]).chain(list(&pod["initContainers"]));
    let of_secrets: BTreeSet<&str> = list(&pod["volumes"])
        .filter(|volume| volume["secret"].is_object())
        .filter_map(|volume| volume["name"].as_str())
        .collect();
    let mut keys = BTreeSet::new();
    for container in containers {
        let variables = list(&container["env"])
            .filter(|it| it.pointer("/valueFrom/secretKeyRef").is_some())
            .filter_map(|it| it["name"].as_str());
        let files = list(&container["volumeMounts"])
            .filter(|it| {
                it["name"]
                    .as_str()
                    .is_some_and(|name| of_secrets.contains(name))
            })
            .filter_map(|it| it["mountPath"].as_str());
        keys.extend(variables.chain(files).map(str::to_owned));
    }
    keys
}

fn called<'a>(objects: &'a [Object], name: &str) -> Option<&'a Object> {
    objects.iter().find(|it| it.name() == name)
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn keys_of_secrets_are_read_from_the_pod_template() {
        let deployment = Object(json!({ "spec": { "template": { "spec": {
            "volumes": [{ "name": "s", "secret": { "secretName": "api-1" } }, { "name": "c", "configMap": { "name": "api" } }],
            "containers": [{
                "env": [
                    { "name": "DATABASE_URL", "valueFrom": { "secretKeyRef": { "name": "api-1", "key": "DATABASE_URL" } } },
                    { "name": "LEVEL", "valueFrom": { "configMapKeyRef": { "name": "api", "key": "LEVEL" } } }
                ],
                "volumeMounts": [{ "name": "s", "mountPath": "/etc/gcp.json", "subPath": "a" }, { "name": "c", "mountPath": "/etc/app" }]
            }]
        } } } }));
        let keys: Vec<String> = secret_keys(&deployment).into_iter().collect();
        assert_eq!(keys, ["/etc/gcp.json", "DATABASE_URL"]);
    }
}

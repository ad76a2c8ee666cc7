//! The objects of an environment.

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};

use super::{Args, ContainerDefaults, Quota, RegistryLogin, TYPE};
use crate::{Arg, Context, Controller, Object, Rendered, labels, quantity};

/// Name of the ResourceQuota.
pub const QUOTA: &str = "seedling-quota";
/// Name of the LimitRange.
pub const DEFAULTS: &str = "seedling-defaults";
/// Name of the NetworkPolicy.
pub const ISOLATION: &str = "seedling-isolation";
/// Name of the Secret with image pull credentials, referenced by every pod of a service.
pub const PULL_SECRET: &str = "seedling-pull";

/// The environment whose pods reach every isolated environment, to scrape metrics.
const MONITORING: &str = "monitoring";

/// The objects in write order: Namespace, ResourceQuota, LimitRange, NetworkPolicy, Secret, each present only when
/// needed. The Secret needs the passwords, which arguments from the state do not have. What is unknown counts as absent.
pub fn render(args: &Args, context: &Context) -> Rendered {
    let name = args.name.text();
    let labels = labels::of_resource(context, TYPE, name);
    let inside = |api_version, kind, object_name| {
        Object::new(api_version, kind, Some(name), object_name).labelled(&labels)
    };
    let mut objects = vec![namespace(args, &labels)];
    if let Some(quota) = args.quota.given() {
        objects.push(
            inside("v1", "ResourceQuota", QUOTA)
                .with("spec", json!({ "hard": hard_limits(quota) })),
        );
    }
    if let Some(defaults) = args.container_defaults.given() {
        let limits = json!({ "limits": [container_defaults(defaults)] });
        objects.push(inside("v1", "LimitRange", DEFAULTS).with("spec", limits));
    }
    if args.network.text() == "isolated" {
        let policy = inside("networking.k8s.io/v1", "NetworkPolicy", ISOLATION);
        objects.push(policy.with("spec", isolation(args, context)));
    }
    if let Some(config) = args.image_pull.given().and_then(docker_config) {
        let secret = inside("v1", "Secret", PULL_SECRET)
            .with("type", "kubernetes.io/dockerconfigjson".into());
        objects.push(secret.with(
            "data",
            json!({ ".dockerconfigjson": STANDARD.encode(config) }),
        ));
    }
    Rendered { objects }
}

fn namespace(args: &Args, ours: &BTreeMap<String, String>) -> Object {
    let level = args.pod_security.text_or("baseline");
    let security = ["enforce", "warn"].map(|mode| {
        (
            format!("pod-security.kubernetes.io/{mode}"),
            level.to_owned(),
        )
    });
    let mut namespace = Object::new("v1", "Namespace", None, args.name.text())
        .labelled(&known(&args.labels))
        .labelled(ours)
        .labelled(&BTreeMap::from(security));
    for (key, value) in known(&args.annotations) {
        namespace.annotate(&key, &value);
    }
    namespace
}

fn known(map: &Arg<BTreeMap<String, Arg<String>>>) -> BTreeMap<String, String> {
    let pairs = map.given().into_iter().flatten();
    pairs
        .filter_map(|(key, value)| Some((key.clone(), value.given()?.clone())))
        .collect()
}

fn hard_limits(quota: &Quota) -> Value {
    let amounts = [
        ("requests.cpu", &quota.cpu),
        ("requests.memory", &quota.memory),
        ("limits.cpu", &quota.cpu_limit),
        (
            "limits.memory",
            if quota.memory_limit.is_set() {
                &quota.memory_limit
            } else {
                &quota.memory
            },
        ),
        ("requests.storage", &quota.storage),
    ];
    let counts = [
        ("requests.nvidia.com/gpu", &quota.gpu),
        ("pods", &quota.pods),
        ("persistentvolumeclaims", &quota.claims),
        ("services", &quota.services),
        ("services.loadbalancers", &quota.load_balancers),
    ];
    let amounts = amounts
        .into_iter()
        .filter_map(|(key, amount)| Some((key, quantity::canonical(amount.given()?))));
    let counts = counts
        .into_iter()
        .filter_map(|(key, count)| Some((key, quantity::canonical(&count.given()?.to_string()))));
    amounts
        .chain(counts)
        .map(|(key, value)| (key.to_owned(), Value::from(value)))
        .collect()
}

/// A limit without a request would get the limit as its request from the API server, so both are said.
fn container_defaults(defaults: &ContainerDefaults) -> Value {
    let requests = [
        ("cpu", defaults.cpu.given().or(defaults.cpu_limit.given())),
        (
            "memory",
            defaults.memory.given().or(defaults.memory_limit.given()),
        ),
    ];
    let limits = [
        ("cpu", defaults.cpu_limit.given()),
        (
            "memory",
            defaults.memory_limit.given().or(defaults.memory.given()),
        ),
    ];
    let mut container = json!({ "type": "Container" });
    for (member, amounts) in [("defaultRequest", requests), ("default", limits)] {
        let amounts = amounts
            .into_iter()
            .filter_map(|(key, amount)| Some((key, quantity::canonical(amount?))));
        let amounts: Map<String, Value> = amounts
            .map(|(key, amount)| (key.to_owned(), amount.into()))
            .collect();
        if !amounts.is_empty() {
            container[member] = amounts.into();
        }
    }
    container
}

/// Traffic from the environment itself and from namespaces by name; everything else is refused.
fn isolation(args: &Args, context: &Context) -> Value {
    let allowed = args
        .allow_from
        .given()
        .into_iter()
        .flatten()
        .filter_map(Arg::given)
        .map(String::as_str);
    let mut namespaces: Vec<&str> = controller_namespaces(context)
        .iter()
        .copied()
        .chain([MONITORING])
        .chain(allowed)
        .collect();
    namespaces.sort_unstable();
    namespaces.dedup();
    json!({
        "podSelector": {},
        "policyTypes": ["Ingress"],
        "ingress": [{ "from": [
            { "podSelector": {} },
            { "namespaceSelector": { "matchExpressions": [
                { "key": labels::NAMESPACE_NAME, "operator": "In", "values": namespaces }
            ] } }
        ] }]
    })
}

/// Where the usual installations of a controller run. A Gateway's own proxies run beside the Gateway.
fn controller_namespaces(context: &Context) -> &'static [&'static str] {
    match context.ingress.as_ref().map(|ingress| ingress.controller) {
        Some(Controller::IngressNginx) => &["ingress-nginx", "app-routing-system"],
        Some(Controller::Gateway) => &[
            "aks-istio-ingress",
            "app-routing-system",
            "envoy-gateway-system",
            "istio-system",
            "nginx-gateway",
        ],
        None => &[],
    }
}

/// The content of a Docker configuration file; nothing where no password is given.
fn docker_config(logins: &BTreeMap<String, Arg<RegistryLogin>>) -> Option<String> {
    let entries: Map<String, Value> = logins
        .iter()
        .filter_map(|(registry, login)| docker_login(registry, login.given()?))
        .collect();
    (!entries.is_empty()).then(|| json!({ "auths": entries }).to_string())
}

fn docker_login(registry: &str, login: &RegistryLogin) -> Option<(String, Value)> {
    let (user, password) = (login.username.text(), login.password.given()?.expose());
    // The kubelet knows Docker Hub by its old address only (`k8s.io/kubernetes/pkg/credentialprovider`).
    let address = if registry == "docker.io" {
        "https://index.docker.io/v1/"
    } else {
        registry
    };
    let auth = STANDARD.encode(format!("{user}:{password}"));
    Some((
        address.to_owned(),
        json!({ "username": user, "password": password, "auth": auth }),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::IngressController;

    fn rendered(args: Value) -> String {
        let context = Context {
            project: "acme".into(),
            labels: BTreeMap::from([("team".into(), "core".into())]),
            ingress: Some(IngressController {
                controller: Controller::IngressNginx,
                class: None,
            }),
        };
        let objects = render(&serde_json::from_value(args).unwrap(), &context).objects;
        objects
            .iter()
            .map(|object| crate::object::yaml(&object.0))
            .collect::<Vec<_>>()
            .join("---\n")
    }

    #[test]
    fn a_bare_environment_is_a_namespace() {
        insta::assert_snapshot!(rendered(json!({ "name": "dev" })), @r"
        apiVersion: v1
        kind: Namespace
        metadata:
          labels:
            app.kubernetes.io/managed-by: seedling
            app.kubernetes.io/name: dev
            pod-security.kubernetes.io/enforce: baseline
            pod-security.kubernetes.io/warn: baseline
            seedling.dev/name: dev
            seedling.dev/project: acme
            seedling.dev/type: environment
            team: core
          name: dev
        ");
    }

    #[test]
    #[allow(clippy::too_many_lines, reason = "one snapshot")]
    fn a_full_environment() {
        let args = json!({
            "name": "prod", "labels": { "tier": "gold" }, "annotations": { "note": "careful" },
            "quota": { "cpu": "8000m", "memory": "16384Mi", "gpu": 1, "pods": 40, "storage": "200Gi" },
            "container_defaults": { "cpu": "0.1", "memory": "128Mi" },
            "pod_security": "restricted", "network": "isolated", "allow_from": ["web"],
            "image_pull": { "docker.io": { "username": "u", "password": "p" } }
        });
        insta::assert_snapshot!(rendered(args), @r"
        apiVersion: v1
        kind: Namespace
        metadata:
          annotations:
            note: careful
          labels:
            app.kubernetes.io/managed-by: seedling
            app.kubernetes.io/name: prod
            pod-security.kubernetes.io/enforce: restricted
            pod-security.kubernetes.io/warn: restricted
            seedling.dev/name: prod
            seedling.dev/project: acme
            seedling.dev/type: environment
            team: core
            tier: gold
          name: prod
        ---
        apiVersion: v1
        kind: ResourceQuota
        metadata:
          labels:
            app.kubernetes.io/managed-by: seedling
            app.kubernetes.io/name: prod
            seedling.dev/name: prod
            seedling.dev/project: acme
            seedling.dev/type: environment
            team: core
          name: seedling-quota
          namespace: prod
        spec:
          hard:
            limits.memory: 16Gi
            pods: '40'
            requests.cpu: '8'
            requests.memory: 16Gi
            requests.nvidia.com/gpu: '1'
            requests.storage: 200Gi
        ---
        apiVersion: v1
        kind: LimitRange
        metadata:
          labels:
            app.kubernetes.io/managed-by: seedling
            app.kubernetes.io/name: prod
            seedling.dev/name: prod
            seedling.dev/project: acme
            seedling.dev/type: environment
            team: core
          name: seedling-defaults
          namespace: prod
        spec:
          limits:
          - default:
              memory: 128Mi
            defaultRequest:
              cpu: 100m
              memory: 128Mi
            type: Container
        ---
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata:
          labels:
            app.kubernetes.io/managed-by: seedling
            app.kubernetes.io/name: prod
            seedling.dev/name: prod
            seedling.dev/project: acme
            seedling.dev/type: environment
            team: core
          name: seedling-isolation
          namespace: prod
        spec:
          ingress:
          - from:
            - podSelector: {}
            - namespaceSelector:
                matchExpressions:
                - key: kubernetes.io/metadata.name
                  operator: In
                  values:
                  - app-routing-system
                  - ingress-nginx
                  - monitoring
                  - web
          podSelector: {}
          policyTypes:
          - Ingress
        ---
        apiVersion: v1
        data:
          .dockerconfigjson: eyJhdXRocyI6eyJodHRwczovL2luZGV4LmRvY2tlci5pby92MS8iOnsiYXV0aCI6ImRUcHciLCJwYXNzd29yZCI6InAiLCJ1c2VybmFtZSI6InUifX19
        kind: Secret
        metadata:
          labels:
            app.kubernetes.io/managed-by: seedling
            app.kubernetes.io/name: prod
            seedling.dev/name: prod
            seedling.dev/project: acme
            seedling.dev/type: environment
            team: core
          name: seedling-pull
          namespace: prod
        type: kubernetes.io/dockerconfigjson
        ");
    }

    #[test]
    fn without_passwords_there_is_no_secret() {
        let args = json!({ "name": "prod", "image_pull": { "docker.io": { "username": "u" } } });
        assert!(!rendered(args).contains("kind: Secret"));
    }
}

//! What the role `plan` of `seedling_group_access` lets the identity that plans pull requests do: read what Seedling
//! manages, and neither a secret value nor any change. Every verb of every resource and subresource that the API
//! server offers is tried, by real requests of a member of such a group.
#![allow(clippy::unwrap_used, clippy::panic)] // a test ends by panic

mod cluster;

use std::sync::OnceLock;

use futures::{StreamExt, stream};
use http::Request;
use kube::Client;
use libtest_mimic::{Arguments, Failed, Trial};
use seedling_e2e::require::Need;
use seedling_e2e::trial::trial;
use seedling_e2e::world::run_if_asked;
use seedling_model::{Context, access};
use serde_json::{Value, json};

use cluster::Shared;

static SHARED: OnceLock<Shared> = OnceLock::new();

const GROUP: &str = "0f6f1c0e-0000-4000-8000-00000000000a";
const OWN: &str = "reviewed";
const OTHER: &str = "elsewhere";
/// Name of every planted object.
const NAME: &str = "planted";
const CANARY: &str = "canary-4711-of-the-plan-identity";
/// Requests at a time.
const AT_ONCE: usize = 8;
/// What every authenticated user may ask about himself. It is answered and not stored.
const ABOUT_ONESELF: [&str; 3] = [
    "selfsubjectaccessreviews",
    "selfsubjectrulesreviews",
    "selfsubjectreviews",
];

fn main() {
    run_if_asked();
    let conclusion = libtest_mimic::run(&Arguments::from_args(), trials());
    if let Some(shared) = SHARED.get() {
        shared.stop();
    }
    conclusion.exit();
}

fn trials() -> Vec<Trial> {
    const NEEDS: &[Need] = &[Need::Process];
    vec![trial(
        "the_plan_identity_finds_no_secret_and_changes_nothing",
        NEEDS,
        || SHARED.get_or_init(Shared::new).run(every_verb),
    )]
}

async fn every_verb(shared: &'static Shared) -> Result<(), Failed> {
    let cluster = shared.world()?.cluster();
    let admin = cluster.admin().client().await?;
    for environment in [OWN, OTHER] {
        plant(&admin, environment).await?;
    }
    grant(&admin).await?;
    let attempts = attempts(&admin).await?;
    assert!(attempts.len() > 800, "only {} attempts", attempts.len());
    let before = secrets_and_config(&admin).await?;

    // The same eyes do find the value where they may look: else silence would prove nothing.
    let seen = get(&admin, &format!("/api/v1/namespaces/{OWN}/secrets/{NAME}")).await?;
    assert!(shows_canary(&seen), "{seen}");

    let member = cluster.as_user("pull-request", GROUP)?.client().await?;
    let answers: Vec<(Attempt, Answer)> = stream::iter(attempts)
        .map(|attempt| {
            let member = member.clone();
            async move {
                let answer = attempt.make(&member).await;
                (attempt, answer)
            }
        })
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    judge(&answers);
    assert_eq!(
        before,
        secrets_and_config(&admin).await?,
        "something was changed"
    );
    Ok(())
}

fn judge(answers: &[(Attempt, Answer)]) {
    let mut allowed = Vec::new();
    for (attempt, answer) in answers {
        assert!(
            !shows_canary(&answer.text),
            "{attempt:?} shows a secret: {}",
            answer.text
        );
        if answer.status == 403 {
            continue;
        }
        let reads = matches!(attempt.verb.as_str(), "get" | "list" | "watch");
        assert!(
            reads && attempt.environment.as_deref() == Some(OWN),
            "{attempt:?} is not refused: {} {}",
            answer.status,
            answer.text
        );
        allowed.push(format!("{} {}", attempt.verb, attempt.resource));
    }
    for needed in [
        "get deployments",
        "list pods",
        "watch services",
        "get pods/log",
        "get configmaps",
        "list rolebindings",
        "get namespaces",
    ] {
        assert!(
            allowed.iter().any(|it| it == needed),
            "{needed} is refused: a plan needs it"
        );
    }
    for never in ["secrets", "exec", "attach", "portforward", "proxy", "token"] {
        let found = allowed.iter().find(|it| it.contains(never));
        assert_eq!(found, None);
    }
}

/// One request.
#[derive(Debug)]
struct Attempt {
    verb: String,
    /// With its subresource.
    resource: String,
    /// The namespace; nothing for all of them and for what has none.
    environment: Option<String>,
    method: &'static str,
    path: String,
}

struct Answer {
    status: u16,
    text: String,
}

impl Attempt {
    async fn make(&self, client: &Client) -> Answer {
        let body = match self.method {
            "GET" => Vec::new(),
            _ => b"{}".to_vec(),
        };
        let content = match self.method {
            "PATCH" => "application/merge-patch+json",
            _ => "application/json",
        };
        let request = Request::builder()
            .method(self.method)
            .uri(&self.path)
            .header("content-type", content)
            .body(body)
            .unwrap();
        match client.request_text(request).await {
            Ok(text) => Answer { status: 200, text },
            Err(kube::Error::Api(status)) => Answer {
                status: status.code,
                text: status.message.clone(),
            },
            Err(error) => panic!("{self:?}: {error}"),
        }
    }
}

/// Every verb of every resource and subresource: in the own environment, in another one, and across all.
async fn attempts(admin: &Client) -> Result<Vec<Attempt>, Failed> {
    let mut versions = vec!["/api/v1".to_owned()];
    let groups = get_json(admin, "/apis").await?;
    for group in groups["groups"].as_array().into_iter().flatten() {
        let known = group["versions"].as_array().into_iter().flatten();
        versions
            .extend(known.filter_map(|it| Some(format!("/apis/{}", it["groupVersion"].as_str()?))));
    }
    let mut attempts = Vec::new();
    for version in versions {
        let list = get_json(admin, &version).await?;
        for resource in list["resources"].as_array().into_iter().flatten() {
            let name = resource["name"].as_str().unwrap_or_default();
            if ABOUT_ONESELF.contains(&name) {
                continue;
            }
            let places: &[Option<&str>] = match resource["namespaced"].as_bool() {
                Some(true) => &[Some(OWN), Some(OTHER), None],
                // A namespace is judged by the roles in it.
                _ if name.starts_with("namespaces") => &[Some(OWN), Some(OTHER), None],
                _ => &[None],
            };
            for place in places {
                for verb in verbs(name, resource) {
                    attempts.extend(attempt(
                        &version,
                        name,
                        *place,
                        &verb,
                        resource["namespaced"] == true,
                    ));
                }
            }
        }
    }
    Ok(attempts)
}

/// The verbs that the API server names, and those of connections, which it names by their HTTP methods.
fn verbs(name: &str, resource: &Value) -> Vec<String> {
    let mut verbs: Vec<String> =
        serde_json::from_value(resource["verbs"].clone()).unwrap_or_default();
    if ["exec", "attach", "portforward", "proxy"]
        .iter()
        .any(|it| name.ends_with(it))
    {
        verbs.extend(["get", "create"].map(str::to_owned));
    }
    verbs.sort();
    verbs.dedup();
    verbs
}

fn attempt(
    version: &str,
    name: &str,
    place: Option<&str>,
    verb: &str,
    namespaced: bool,
) -> Option<Attempt> {
    let (resource, subresource) = name.split_once('/').unwrap_or((name, ""));
    // Namespaces stand in their own paths.
    let (prefix, object) = match (namespaced, place) {
        (true, Some(place)) => (format!("{version}/namespaces/{place}/{resource}"), NAME),
        (false, Some(place)) => (format!("{version}/{resource}"), place),
        (_, None) => (format!("{version}/{resource}"), NAME),
    };
    let across = namespaced && place.is_none();
    let of_collection = matches!(verb, "list" | "watch" | "deletecollection")
        || (verb == "create" && subresource.is_empty());
    if across && (!matches!(verb, "list" | "watch") || !subresource.is_empty()) {
        return None;
    }
    let path = if of_collection {
        prefix
    } else if subresource.is_empty() {
        format!("{prefix}/{object}")
    } else {
        format!("{prefix}/{object}/{subresource}")
    };
    let (method, path) = match verb {
        "get" | "list" => ("GET", path),
        "watch" => ("GET", format!("{path}?watch=true&timeoutSeconds=1")),
        "create" => ("POST", path),
        "update" => ("PUT", path),
        "patch" => ("PATCH", path),
        "delete" | "deletecollection" => ("DELETE", path),
        other => panic!("{name} has the verb {other}, which this test does not know"),
    };
    let in_collection_of_all = !namespaced && of_collection;
    Some(Attempt {
        verb: verb.to_owned(),
        resource: name.to_owned(),
        environment: place.filter(|_| !in_collection_of_all).map(str::to_owned),
        method,
        path,
    })
}

async fn plant(admin: &Client, environment: &str) -> Result<(), Failed> {
    let meta = json!({ "name": NAME, "namespace": environment });
    let pod = json!({ "containers": [{ "name": "a", "image": "registry.example/a:1",
        "env": [{ "name": "A", "valueFrom": { "secretKeyRef": { "name": NAME, "key": "password" } } }] }] });
    let namespaced = format!("namespaces/{environment}");
    let objects = [
        (
            "/api/v1/namespaces".to_owned(),
            environment,
            json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": environment } }),
        ),
        (
            format!("/api/v1/{namespaced}/secrets"),
            NAME,
            json!({ "apiVersion": "v1", "kind": "Secret", "metadata": meta, "stringData": { "password": CANARY } }),
        ),
        (
            format!("/api/v1/{namespaced}/configmaps"),
            NAME,
            json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": { "a": "b" } }),
        ),
        (
            format!("/api/v1/{namespaced}/serviceaccounts"),
            NAME,
            json!({ "apiVersion": "v1", "kind": "ServiceAccount", "metadata": meta }),
        ),
        (
            format!("/api/v1/{namespaced}/services"),
            NAME,
            json!({ "apiVersion": "v1", "kind": "Service", "metadata": meta, "spec": { "ports": [{ "port": 80 }] } }),
        ),
        (
            format!("/api/v1/{namespaced}/pods"),
            NAME,
            json!({ "apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": pod }),
        ),
        (
            format!("/apis/apps/v1/{namespaced}/deployments"),
            NAME,
            json!({ "apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta,
            "spec": { "replicas": 1, "selector": { "matchLabels": { "a": "b" } }, "template": { "metadata": { "labels": { "a": "b" } }, "spec": pod } } }),
        ),
    ];
    for (collection, name, object) in objects {
        apply(admin, &format!("{collection}/{name}"), &object).await?;
    }
    Ok(())
}

/// What `seedling_group_access` writes for this role.
async fn grant(admin: &Client) -> Result<(), Failed> {
    let args = json!({ "group": GROUP, "environments": { OWN: "plan" } });
    let args: access::Args = serde_json::from_value(args)?;
    let objects = access::render(&args, &Context::default(), GROUP).objects;
    assert_eq!(objects.len(), 2, "a Role and its RoleBinding");
    for object in objects {
        let plural = format!("{}s", object.kind().to_lowercase());
        let path = format!(
            "/apis/rbac.authorization.k8s.io/v1/namespaces/{OWN}/{plural}/{}",
            object.name()
        );
        apply(admin, &path, &object.0).await?;
    }
    Ok(())
}

async fn apply(admin: &Client, path: &str, object: &Value) -> Result<(), Failed> {
    let request = Request::patch(format!("{path}?fieldManager=test&force=true"))
        .header("content-type", "application/apply-patch+yaml")
        .body(object.to_string().into_bytes())?;
    admin.request_text(request).await?;
    Ok(())
}

async fn get(client: &Client, path: &str) -> Result<String, Failed> {
    Ok(client
        .request_text(Request::get(path).body(Vec::new())?)
        .await?)
}

async fn get_json(client: &Client, path: &str) -> Result<Value, Failed> {
    Ok(serde_json::from_str(&get(client, path).await?)?)
}

/// What nobody but a writer changes, with its versions.
async fn secrets_and_config(admin: &Client) -> Result<Vec<String>, Failed> {
    let mut versions = Vec::new();
    for environment in [OWN, OTHER] {
        for plural in ["secrets", "configmaps", "services", "serviceaccounts"] {
            let list =
                get_json(admin, &format!("/api/v1/namespaces/{environment}/{plural}")).await?;
            for item in list["items"].as_array().into_iter().flatten() {
                let metadata = &item["metadata"];
                versions.push(format!(
                    "{plural} {} {} {}",
                    metadata["namespace"], metadata["name"], metadata["resourceVersion"]
                ));
            }
        }
    }
    Ok(versions)
}

/// The planted value, as it is or in base64.
fn shows_canary(text: &str) -> bool {
    use base64::{Engine, prelude::BASE64_STANDARD};
    text.contains(CANARY) || text.contains(&BASE64_STANDARD.encode(CANARY))
}

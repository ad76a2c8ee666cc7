//! `/api`, `/apis`, `/openapi/v3`, `/version`: plain and aggregated.

use serde_json::{Value, json};

use super::kinds::{Kind, Kinds, api_version};
use super::recorded::version;
use crate::schema::document;

/// Answer to a discovery request: content type and body.
pub struct Document {
    /// `Content-Type`.
    pub content_type: &'static str,
    /// The body.
    pub body: Vec<u8>,
}

const JSON: &str = "application/json";
const AGGREGATED: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

/// The document of a path, if it is one of discovery.
pub fn answer(kinds: &Kinds, path: &str, accept: &str) -> Option<Document> {
    let parts: Vec<_> = path.trim_matches('/').split('/').collect();
    let aggregated = accept.contains("v=v2;") && accept.contains("as=APIGroupDiscoveryList");
    let body = match parts[..] {
        ["version"] => return Some(raw(version().trim_end().as_bytes().to_vec())),
        ["healthz" | "livez" | "readyz"] => {
            return Some(Document {
                content_type: "text/plain; charset=utf-8",
                body: b"ok".to_vec(),
            });
        }
        ["api"] if aggregated => return Some(list(kinds, true)),
        ["apis"] if aggregated => return Some(list(kinds, false)),
        ["api"] => json!({
            "kind": "APIVersions",
            "versions": ["v1"],
            "serverAddressByClientCIDRs": [{ "clientCIDR": "0.0.0.0/0", "serverAddress": "127.0.0.1:6443" }],
        }),
        ["apis"] => {
            let groups: Vec<_> = groups(kinds)
                .filter(|name| !name.is_empty())
                .map(|name| group(kinds, name))
                .collect();
            json!({ "kind": "APIGroupList", "apiVersion": "v1", "groups": groups })
        }
        ["apis", name] => {
            let mut found = groups(kinds)
                .any(|one| one == name)
                .then(|| group(kinds, name))?;
            found["kind"] = "APIGroup".into();
            found["apiVersion"] = "v1".into();
            found
        }
        ["api", version] => resources(kinds, "", version)?,
        ["apis", group, version] => resources(kinds, group, version)?,
        ["openapi", "v3"] => openapi_index(kinds),
        ["openapi", "v3", ..] => {
            return openapi(
                kinds,
                path.trim_matches('/').trim_start_matches("openapi/v3/"),
            );
        }
        _ => return None,
    };
    Some(raw(body.to_string().into_bytes()))
}

fn raw(body: Vec<u8>) -> Document {
    Document {
        content_type: JSON,
        body,
    }
}

/// Names of groups, each once, in the order of the kinds.
fn groups(kinds: &Kinds) -> impl Iterator<Item = &str> {
    let mut seen = Vec::new();
    for kind in kinds.all() {
        if !seen.contains(&&*kind.resource.group) {
            seen.push(&*kind.resource.group);
        }
    }
    seen.into_iter()
}

/// Versions of a group, each once.
fn versions<'a>(kinds: &'a Kinds, group: &str) -> Vec<&'a str> {
    let mut seen = Vec::new();
    for kind in kinds
        .all()
        .iter()
        .filter(|kind| kind.resource.group == group)
    {
        if !seen.contains(&kind.version.as_str()) {
            seen.push(&kind.version);
        }
    }
    seen
}

fn group(kinds: &Kinds, name: &str) -> Value {
    let versions: Vec<_> = versions(kinds, name)
        .into_iter()
        .map(|version| json!({ "groupVersion": api_version(name, version), "version": version }))
        .collect();
    json!({ "name": name, "versions": versions, "preferredVersion": versions.first() })
}

fn of<'a>(kinds: &'a Kinds, group: &'a str, version: &'a str) -> impl Iterator<Item = &'a Kind> {
    let all = kinds.all().iter().map(AsRef::as_ref);
    all.filter(move |kind: &&Kind| kind.resource.group == group && kind.version == version)
}

fn resources(kinds: &Kinds, group: &str, version: &str) -> Option<Value> {
    let mut list = Vec::new();
    for kind in of(kinds, group, version) {
        list.push(with_names(
            kind,
            json!({
                "name": kind.resource.plural,
                "singularName": kind.singular,
                "namespaced": kind.namespaced,
                "kind": kind.kind,
                "verbs": kind.verbs,
            }),
        ));
        for sub in &kind.subresources {
            let (api, sub_kind) = &sub.response;
            let mut entry = json!({
                "name": format!("{}/{}", kind.resource.plural, sub.name),
                "singularName": "",
                "namespaced": kind.namespaced,
                "kind": sub_kind,
                "verbs": sub.verbs,
            });
            if let Some((group, version)) = api
                .split_once('/')
                .filter(|(group, _)| *group != kind.resource.group)
            {
                entry["group"] = group.into();
                entry["version"] = version.into();
            }
            list.push(entry);
        }
    }
    (!list.is_empty()).then(|| {
        json!({
            "kind": "APIResourceList",
            "apiVersion": "v1",
            "groupVersion": api_version(group, version),
            "resources": list,
        })
    })
}

fn with_names(kind: &Kind, mut entry: Value) -> Value {
    if !kind.short_names.is_empty() {
        entry["shortNames"] = json!(kind.short_names);
    }
    if !kind.categories.is_empty() {
        entry["categories"] = json!(kind.categories);
    }
    entry
}

fn list(kinds: &Kinds, core: bool) -> Document {
    let items: Vec<_> = groups(kinds)
        .filter(|name| name.is_empty() == core)
        .map(|group| {
            let versions: Vec<_> = versions(kinds, group)
                .into_iter()
                .map(|version| {
                    let resources: Vec<_> = of(kinds, group, version).map(aggregated).collect();
                    json!({ "version": version, "resources": resources, "freshness": "Current" })
                })
                .collect();
            let metadata = if core {
                json!({})
            } else {
                json!({ "name": group })
            };
            json!({ "metadata": metadata, "versions": versions })
        })
        .collect();
    let body = json!({
        "kind": "APIGroupDiscoveryList",
        "apiVersion": "apidiscovery.k8s.io/v2",
        "metadata": {},
        "items": items,
    });
    Document {
        content_type: AGGREGATED,
        body: body.to_string().into_bytes(),
    }
}

fn response_kind(api_version: &str, kind: &str) -> Value {
    let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
    json!({ "group": group, "version": version, "kind": kind })
}

fn aggregated(kind: &Kind) -> Value {
    let mut entry = with_names(
        kind,
        json!({
            "resource": kind.resource.plural,
            "responseKind": response_kind(&kind.api_version(), &kind.kind),
            "scope": if kind.namespaced { "Namespaced" } else { "Cluster" },
            "singularResource": kind.singular,
            "verbs": kind.verbs,
        }),
    );
    let subresources: Vec<_> = kind
        .subresources
        .iter()
        .map(|sub| {
            let (api_version, kind) = &sub.response;
            json!({ "subresource": sub.name, "responseKind": response_kind(api_version, kind), "verbs": sub.verbs })
        })
        .collect();
    if !subresources.is_empty() {
        entry["subresources"] = subresources.into();
    }
    entry
}

fn place(group: &str, version: &str) -> String {
    match group {
        "" => format!("api/{version}"),
        group => format!("apis/{group}/{version}"),
    }
}

fn openapi_index(kinds: &Kinds) -> Value {
    let mut paths = serde_json::Map::new();
    for group in groups(kinds) {
        for version in versions(kinds, group) {
            let place = place(group, version);
            let url = format!("/openapi/v3/{place}");
            paths.insert(place, json!({ "serverRelativeURL": url }));
        }
    }
    json!({ "paths": paths })
}

/// Where a custom kind is read, and what it is: `kubectl explain` looks that up.
fn reading(kind: &Kind, group: &str, version: &str) -> (String, Value) {
    let within = if kind.namespaced {
        "namespaces/{namespace}/"
    } else {
        ""
    };
    let url = format!(
        "/{}/{within}{}",
        place(group, version),
        kind.resource.plural
    );
    let kind = json!({ "group": group, "version": version, "kind": kind.kind });
    let read = json!({ "x-kubernetes-action": "list", "x-kubernetes-group-version-kind": kind });
    (url, json!({ "get": read }))
}

fn openapi(kinds: &Kinds, path: &str) -> Option<Document> {
    if let Some(recorded) = document(path) {
        return Some(raw(recorded));
    }
    let (group, version) = path.strip_prefix("apis/")?.split_once('/')?;
    let mut schemas = serde_json::Map::new();
    let mut paths = serde_json::Map::new();
    for kind in of(kinds, group, version) {
        let reversed: Vec<_> = group.rsplit('.').collect();
        let (url, read) = reading(kind, group, version);
        paths.insert(url, read);
        let mut schema = kind.schema().definition().clone();
        schema["x-kubernetes-group-version-kind"] =
            json!([{ "group": group, "version": version, "kind": kind.kind }]);
        schema["properties"]["metadata"] = json!({ "type": "object" });
        schemas.insert(
            format!("{}.{version}.{}", reversed.join("."), kind.kind),
            schema,
        );
    }
    (!schemas.is_empty()).then(|| {
        let body = json!({
            "openapi": "3.0.0",
            "info": { "title": "Kubernetes CRD Swagger", "version": "v0.1.0" },
            "paths": paths,
            "components": { "schemas": schemas },
        });
        raw(body.to_string().into_bytes())
    })
}

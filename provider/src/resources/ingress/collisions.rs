//! Who else answers on a host and path: found at plan with one LIST for all ingresses of a run.

use std::collections::BTreeSet;

use seedling_model::{
    Controller, Object,
    ingress::{self, Args},
    labels,
};
use seedling_schema::{Diagnostic, Diagnostics, Path};
use serde_json::Value as Json;

use super::parts::Parts;
use crate::kubernetes::{Cluster, Kind, kinds};

/// A host and a path prefix.
type Place = (String, String);

/// A host and path that a foreign object holds is an error; one that another ingress of the
/// project holds is a warning, because hosts move within one plan.
pub async fn check(
    cluster: &Cluster,
    args: &Args,
    controller: Controller,
    parts: &Parts,
) -> Result<Diagnostics, Diagnostic> {
    let kind = kind(controller);
    let there = match cluster.everybodys(kind).await {
        Ok(there) => there,
        // Without the kind nobody answers.
        Err(failure) if failure.is_not_found() => return Ok(Diagnostics::default()),
        Err(failure) if failure.is_forbidden() => return Ok(unchecked(args, kind).into()),
        Err(failure) => {
            return Err(failure.diagnostic(&format!("look for other {}", kind.plural)));
        }
    };
    let wanted = wanted(args);
    let entry = entry(&parts.bundle.objects[0]);
    let mut found = Diagnostics::default();
    for object in there.values() {
        let is_ours = parts
            .bundle
            .objects
            .iter()
            .any(|ours| super::parts::same_place(ours, object));
        if is_ours || !shares(&entry, &self::entry(object)) {
            continue;
        }
        let held = held(object);
        let both: Vec<&Place> = wanted
            .iter()
            .filter(|place| held.contains(*place))
            .collect();
        if let Some((host, path)) = both.first() {
            found.push(held_by(cluster, object, host, path));
        }
    }
    Ok(found)
}

fn kind(controller: Controller) -> Kind {
    match controller {
        Controller::Gateway => kinds::HTTP_ROUTE,
        Controller::IngressNginx => kinds::INGRESS,
    }
}

fn wanted(args: &Args) -> BTreeSet<Place> {
    let routes = args.routes.given().into_iter().flatten();
    let paths: Vec<String> = routes.map(|(path, _)| prefix(path)).collect();
    let hosts = ingress::hosts(args);
    let pairs = hosts.iter().flat_map(|host| {
        paths
            .iter()
            .map(move |path| ((*host).to_owned(), path.clone()))
    });
    pairs.collect()
}

/// The entry points of an object: classes of Ingresses, Gateways of routes. Objects on different
/// ones have different addresses and never meet.
fn entry(object: &Object) -> BTreeSet<String> {
    if object.kind() == "Ingress" {
        let class = object.at("/spec/ingressClassName").as_str();
        return class.map(str::to_owned).into_iter().collect();
    }
    let parents = object.at("/spec/parentRefs").as_array();
    parents
        .into_iter()
        .flatten()
        .filter_map(|parent| {
            let namespace = parent["namespace"].as_str().or(object.namespace())?;
            Some(format!("{namespace}/{}", parent["name"].as_str()?))
        })
        .collect()
}

/// An Ingress without a class belongs to whichever class is the default.
fn shares(one: &BTreeSet<String>, other: &BTreeSet<String>) -> bool {
    other.is_empty() || !one.is_disjoint(other)
}

/// The hosts and paths on which an object answers. A redirect answers nothing itself.
fn held(object: &Object) -> BTreeSet<Place> {
    let rules = object.at("/spec/rules").as_array().into_iter().flatten();
    if object.kind() == "Ingress" {
        return rules.flat_map(of_ingress).collect();
    }
    let hosts = object.at("/spec/hostnames").as_array();
    let hosts: Vec<&str> = hosts
        .into_iter()
        .flatten()
        .filter_map(Json::as_str)
        .collect();
    let served = rules.filter(|rule| !rule["backendRefs"].is_null());
    let paths: Vec<String> = served.flat_map(of_route).collect();
    let pairs = hosts.iter().flat_map(|host| {
        paths
            .iter()
            .map(move |path| ((*host).to_owned(), path.clone()))
    });
    pairs.collect()
}

fn of_ingress(rule: &Json) -> Vec<Place> {
    let host = rule["host"].as_str().unwrap_or_default().to_owned();
    let paths = rule["http"]["paths"].as_array().into_iter().flatten();
    paths
        .map(|path| (host.clone(), prefix(path["path"].as_str().unwrap_or("/"))))
        .collect()
}

fn of_route(rule: &Json) -> Vec<String> {
    let matches = rule["matches"].as_array();
    match matches {
        None => vec!["/".to_owned()],
        Some(matches) => matches
            .iter()
            // Whoever also looks at headers answers some requests only.
            .filter(|it| it["headers"].is_null() && it["queryParams"].is_null())
            .map(|it| prefix(it["path"]["value"].as_str().unwrap_or("/")))
            .collect(),
    }
}

/// A prefix with and without a slash at its end matches the same requests.
fn prefix(path: &str) -> String {
    let bare = path.trim_end_matches('/');
    if bare.is_empty() {
        "/".to_owned()
    } else {
        bare.to_owned()
    }
}

fn held_by(cluster: &Cluster, object: &Object, host: &str, path: &str) -> Diagnostic {
    let holder = format!(
        "{}/{} in namespace {}",
        object.kind(),
        object.name(),
        object.namespace().unwrap_or_default()
    );
    let at = Path::of("host");
    if object.label(labels::PROJECT) == Some(cluster.project()) {
        return Diagnostic::warning(
            format!("{host}{path} is served already"),
            format!("{holder} of this project answers there. If it gives the host up in this plan, all is well; if it keeps it, only one of the two answers, and which one is not defined."),
        )
        .at(at);
    }
    let owner = match object.label(labels::PROJECT) {
        Some(project) => format!("belongs to project `{project}`"),
        None => "is not Seedling's".to_owned(),
    };
    Diagnostic::error(
        format!("{host}{path} is served by somebody else"),
        format!("{holder} answers there and {owner}. Two answers to one address are a matter of chance: take the host away there first, or use another host or path here."),
    )
    .at(at)
}

fn unchecked(args: &Args, kind: Kind) -> Diagnostic {
    Diagnostic::warning(
        format!("Nobody could look who else answers on {}", args.host.text()),
        format!("The identity of the provider's `cluster` block may not list {} across the cluster, so an object that serves the same host and path would go unnoticed.", kind.plural),
    )
    .at(Path::of("host"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn places(object: Json) -> Vec<String> {
        held(&Object(object))
            .into_iter()
            .map(|(host, path)| format!("{host}{path}"))
            .collect()
    }

    #[test]
    fn what_others_serve_is_read_from_both_kinds() {
        let ingress = json!({"kind": "Ingress", "spec": {"rules": [
            {"host": "a.example", "http": {"paths": [{"path": "/api/"}, {"path": "/"}]}},
        ]}});
        assert_eq!(places(ingress), ["a.example/", "a.example/api"]);
        let route = |rule: Json| json!({"kind": "HTTPRoute", "spec": {"hostnames": ["a.example"], "rules": [rule]}});
        let backend = json!([{"name": "web"}]);
        assert_eq!(
            places(route(json!({"backendRefs": backend}))),
            ["a.example/"]
        );
        let by_header = json!([{"path": {"value": "/api"}, "headers": [{"name": "x"}]}]);
        assert_eq!(
            places(route(json!({"backendRefs": backend, "matches": by_header}))),
            [] as [&str; 0]
        );
        assert_eq!(
            places(route(json!({"filters": []}))),
            [] as [&str; 0],
            "a redirect"
        );
    }

    #[test]
    fn objects_meet_only_on_one_entry_point() {
        let route = |gateway: &str| {
            let parent = json!({"name": gateway});
            entry(&Object(
                json!({"kind": "HTTPRoute", "metadata": {"namespace": "prod"}, "spec": {"parentRefs": [parent]}}),
            ))
        };
        assert!(shares(&route("public"), &route("public")));
        assert!(!shares(&route("public"), &route("internal")));
        let ingress = |class: Json| {
            entry(&Object(
                json!({"kind": "Ingress", "spec": {"ingressClassName": class}}),
            ))
        };
        assert!(!shares(&ingress("nginx".into()), &ingress("other".into())));
        assert!(shares(&ingress("nginx".into()), &ingress(Json::Null)));
    }
}

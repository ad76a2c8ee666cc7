//! The port of a route that names none: the only one of its service.

use std::collections::BTreeMap;

use seedling_model::{
    Object,
    ingress::{Args, Route},
};
use seedling_schema::{Diagnostic, Path, Private};

use crate::kubernetes::{Cluster, Failure, kinds};

/// Private note: the ports of the last apply, for a refresh whose service is gone.
const PORTS: &str = "ports";

/// Ports by service.
pub type Ports = BTreeMap<String, i64>;

/// Finds the ports for an apply; a service that is missing or has several is an error.
pub async fn find(cluster: &Cluster, args: &Args) -> Result<Ports, Diagnostic> {
    let environment = args.environment.text();
    let mut ports = Ports::new();
    for (path, service) in portless(args) {
        let live = cluster
            .get(kinds::SERVICE, Some(environment), service)
            .await
            .map_err(|failure| {
                failure.diagnostic(&format!("look for the port of {environment}/{service}"))
            })?;
        match live.as_ref().map(all) {
            None => return Err(no_service(environment, path, service)),
            Some(found) => match found.as_slice() {
                [only] => ports.insert(service.to_owned(), *only),
                several => return Err(not_one(environment, path, service, several)),
            },
        };
    }
    Ok(ports)
}

/// The ports for a refresh: what cannot be told is as it was.
pub async fn refresh(cluster: &Cluster, args: &Args, private: &Private) -> Result<Ports, Failure> {
    let environment = args.environment.text();
    let mut ports = remembered(private);
    for (_, service) in portless(args) {
        let live = cluster
            .read(kinds::SERVICE, Some(environment), service)
            .await;
        match live {
            Ok(Some(live)) => {
                if let [only] = all(&live).as_slice() {
                    ports.insert(service.to_owned(), *only);
                }
            }
            Ok(None) => {}
            Err(failure) if failure.is_forbidden() => {}
            Err(failure) => return Err(failure),
        }
    }
    Ok(ports)
}

/// Notes the ports.
pub fn remember(private: &mut Private, ports: &Ports) {
    private.set(PORTS, serde_json::json!(ports));
}

/// The ports that the private notes remember.
pub fn remembered(private: &Private) -> Ports {
    let note = private.get(PORTS).and_then(|note| note.as_object());
    note.into_iter()
        .flatten()
        .filter_map(|(service, port)| Some((service.clone(), port.as_i64()?)))
        .collect()
}

fn portless(args: &Args) -> impl Iterator<Item = (&str, &str)> {
    let routes = args.routes.given().into_iter().flatten();
    routes.filter_map(|(path, route)| {
        let Route { service, port } = route.given()?;
        port.given()
            .is_none()
            .then_some((path.as_str(), service.text()))
    })
}

fn all(service: &Object) -> Vec<i64> {
    let ports = service.at("/spec/ports").as_array().into_iter().flatten();
    ports.filter_map(|port| port["port"].as_i64()).collect()
}

fn at(path: &str) -> Path {
    Path::of("routes").key(path)
}

fn no_service(environment: &str, path: &str, service: &str) -> Diagnostic {
    Diagnostic::error(
        format!("There is no service {environment}/{service}"),
        format!("The route `{path}` leads to it without a `port`, and its only port cannot be read. Refer to the service, `service = seedling_service.….name`, so that it comes first, or give the route a `port`."),
    )
    .at(at(path).attribute("service"))
}

fn not_one(environment: &str, path: &str, service: &str, ports: &[i64]) -> Diagnostic {
    let ports: Vec<String> = ports.iter().map(ToString::to_string).collect();
    Diagnostic::error(
        format!("Which port of {environment}/{service}?"),
        format!(
            "The route `{path}` names no `port`, and the service has these: {}. Name one of them.",
            ports.join(", ")
        ),
    )
    .at(at(path).attribute("port"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_routes_without_a_port_are_looked_up() {
        let args: Args = serde_json::from_value(serde_json::json!({
            "routes": { "/": { "service": "web" }, "/api": { "service": "api", "port": 80 } }
        }))
        .unwrap();
        assert_eq!(portless(&args).collect::<Vec<_>>(), [("/", "web")]);
    }

    #[test]
    fn ports_are_remembered() {
        let mut private = Private::default();
        let ports = Ports::from([("web".to_owned(), 80)]);
        remember(&mut private, &ports);
        assert_eq!(remembered(&private), ports);
    }
}

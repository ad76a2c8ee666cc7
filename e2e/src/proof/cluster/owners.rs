//! Which resource in a state an object in the cluster belongs to.

use super::objects::Live;
use crate::driver::documents::StateResource;

/// The label with the resource's type, without the provider's prefix.
pub const TYPE: &str = "seedling.dev/type";
/// The label with the resource's name.
pub const NAME: &str = "seedling.dev/name";

/// Whether a resource owns an object: type, name and environment agree with the labels.
pub fn owns(resource: &StateResource, object: &Live) -> bool {
    let kind = object.label(TYPE).unwrap_or_default();
    let same_type =
        resource.r#type == kind || resource.r#type.strip_prefix("seedling_") == Some(kind);
    if !same_type {
        return adds_listeners(resource, object);
    }
    let name = object.label(NAME).unwrap_or_default();
    let place = object.namespace().unwrap_or(object.name());
    match resource.r#type.as_str() {
        "seedling_environment" => resource.text("name") == name,
        // One resource owns bindings in several environments.
        "seedling_group_access" => {
            let environments = resource
                .values
                .get("environments")
                .and_then(|e| e.as_object());
            environments.is_some_and(|e| e.contains_key(place))
                && resource.values.to_string().contains(name)
        }
        _ => resource.text("name") == name && places(resource).contains(&place),
    }
}

/// An ingress adds TLS listeners to the Gateway that it names, and tells of their drift.
fn adds_listeners(resource: &StateResource, object: &Live) -> bool {
    if resource.r#type != "seedling_ingress" || object.resource.kind != "Gateway" {
        return false;
    }
    let (environment, name) = match resource.text("gateway") {
        "" => (resource.text("environment"), "public"),
        gateway => gateway
            .split_once('/')
            .unwrap_or((resource.text("environment"), gateway)),
    };
    object.namespace() == Some(environment) && object.name() == name
}

/// The environments of a resource's objects: its own, and that of the gateway which an ingress names.
fn places(resource: &StateResource) -> [&str; 2] {
    let gateway = resource
        .text("gateway")
        .split_once('/')
        .map_or("", |(environment, _)| environment);
    [resource.text("environment"), gateway]
}

/// The resources that own the object.
pub fn owners_of<'a>(
    resources: &'a [&'a StateResource],
    object: &'a Live,
) -> impl Iterator<Item = &'a StateResource> {
    resources
        .iter()
        .copied()
        .filter(|resource| owns(resource, object))
}

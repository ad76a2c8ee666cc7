//! What a URL names.

use std::sync::Arc;

use crate::api::{Status, decoded};
use crate::discovery::{Kind, Kinds, well_known, well_known_group};
use crate::store::Resource;

/// A place in the API.
pub(super) struct Place {
    pub kind: Arc<Kind>,
    pub namespace: String,
    pub name: String,
    pub subresource: String,
}

/// Reads a path. `None`: it is outside the API's resources.
pub(super) fn place(kinds: &Kinds, path: &str) -> Option<Result<Place, Status>> {
    // As the real server: an encoded slash parts the path like any other.
    let path = decoded(path, false);
    let parts: Vec<_> = path.trim_matches('/').split('/').collect();
    let (group, version, rest) = match &parts[..] {
        ["api", version, rest @ ..] => ("", *version, rest),
        ["apis", group, version, rest @ ..] => (*group, *version, rest),
        _ => return None,
    };
    let (namespace, plural, rest) = match rest {
        [] => return None,
        // The namespace itself and its sub-resources.
        ["namespaces", _] | ["namespaces", _, "status" | "finalize"] => {
            ("", "namespaces", &rest[1..])
        }
        ["namespaces", namespace, plural, rest @ ..] => (*namespace, *plural, rest),
        [plural, rest @ ..] => ("", *plural, rest),
    };
    if !knows(kinds, group, version) {
        return None; // nobody serves the group: there is not even a list of its resources
    }
    Some(find(kinds, group, version, namespace, plural, rest))
}

fn knows(kinds: &Kinds, group: &str, version: &str) -> bool {
    let served = kinds
        .all()
        .iter()
        .any(|kind| kind.resource.group == group && kind.version == version);
    served || well_known_group(group, version)
}

fn find(
    kinds: &Kinds,
    group: &str,
    version: &str,
    namespace: &str,
    plural: &str,
    rest: &[&str],
) -> Result<Place, Status> {
    let resource = Resource::named(group, plural);
    let Some(kind) = kinds.get(&resource, version) else {
        if well_known(group, version, plural) {
            return Err(Status::not_covered(&format!(
                "the resource {resource} in version {version}"
            )));
        }
        return Err(Status::no_page());
    };
    let (name, subresource) = match rest {
        [] => ("", ""),
        [name] => (*name, ""),
        [name, subresource] => (*name, *subresource),
        [_, subresource, ..] => {
            return Err(Status::not_covered(&format!(
                "the sub-resource {plural}/{subresource}"
            )));
        }
    };
    if !kind.namespaced && !namespace.is_empty()
        || kind.namespaced && namespace.is_empty() && !name.is_empty()
    {
        return Err(Status::no_page());
    }
    if name.is_empty() && !subresource.is_empty() {
        return Err(Status::bad_request("name must be provided"));
    }
    if !subresource.is_empty() && kind.subresource(subresource).is_none() {
        return Err(Status::not_covered(&format!(
            "the sub-resource {plural}/{subresource}"
        )));
    }
    Ok(Place {
        kind: kind.clone(),
        namespace: namespace.to_owned(),
        name: name.to_owned(),
        subresource: subresource.to_owned(),
    })
}

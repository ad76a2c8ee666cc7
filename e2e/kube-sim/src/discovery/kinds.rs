//! The kinds of a cluster: those of the recorded server that the simulator serves, and those that definitions add.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use serde_json::Value;

use super::{custom, recorded};
use crate::schema::{Schema, schemas};
use crate::store::Resource;

/// A sub-resource, for example `status`.
#[derive(Clone, Debug)]
pub struct Subresource {
    /// Its name in URLs.
    pub name: String,
    /// `apiVersion` and kind of its body; empty for the kind it belongs to.
    pub response: (String, String),
    /// What can be done with it.
    pub verbs: Vec<String>,
}

/// Where a kind's types are.
#[derive(Clone, Debug)]
enum Types {
    /// In the recorded document of this path.
    Recorded(String),
    /// In a definition: all named types that it needs, and itself as `""`.
    Defined(Arc<Value>),
}

/// One kind in one version.
#[derive(Clone, Debug)]
pub struct Kind {
    /// Group and plural.
    pub resource: Resource,
    /// Version within the group.
    pub version: String,
    /// As written in manifests.
    pub kind: String,
    /// Name of one object, in lower case.
    pub singular: String,
    /// Short names for people.
    pub short_names: Vec<String>,
    /// Groups of kinds that people name together, for example `all`.
    pub categories: Vec<String>,
    /// Whether objects live in a namespace.
    pub namespaced: bool,
    /// What can be done with its objects.
    pub verbs: Vec<String>,
    /// Its sub-resources.
    pub subresources: Vec<Subresource>,
    /// For a kind that a definition adds: columns that tables show.
    pub columns: Vec<Value>,
    types: Types,
    root: OnceLock<Option<String>>,
}

impl Kind {
    /// `apiVersion` as written in manifests.
    pub fn api_version(&self) -> String {
        api_version(&self.resource.group, &self.version)
    }

    /// Whether a definition added it.
    pub fn is_custom(&self) -> bool {
        matches!(self.types, Types::Defined(_))
    }

    /// A sub-resource by name.
    pub fn subresource(&self, name: &str) -> Option<&Subresource> {
        self.subresources.iter().find(|sub| sub.name == name)
    }

    /// The type of its objects.
    pub fn schema(&self) -> Schema<'_> {
        match &self.types {
            Types::Defined(types) => Schema::named(types, "").unwrap_or_else(Schema::unknown),
            Types::Recorded(path) => {
                let types = schemas(path);
                let find = || type_name(types, &self.resource.group, &self.version, &self.kind);
                let root = self.root.get_or_init(find).as_deref();
                root.and_then(|name| Schema::named(types, name))
                    .unwrap_or_else(Schema::unknown)
            }
        }
    }

    pub(super) fn recorded(group: &str, version: &str, entry: &Value) -> Kind {
        let path = match group {
            "" => format!("api/{version}"),
            group => format!("apis/{group}/{version}"),
        };
        Kind::from_discovery(group, version, entry, Types::Recorded(path))
    }

    pub(super) fn defined(
        group: &str,
        version: &str,
        entry: &Value,
        types: Value,
        columns: Vec<Value>,
    ) -> Kind {
        Kind {
            columns,
            ..Kind::from_discovery(group, version, entry, Types::Defined(Arc::new(types)))
        }
    }

    /// From an entry of an aggregated discovery document.
    fn from_discovery(group: &str, version: &str, entry: &Value, types: Types) -> Kind {
        let text = |member: &str| entry[member].as_str().unwrap_or_default().to_owned();
        let subresources = entry["subresources"].as_array().into_iter().flatten();
        Kind {
            resource: Resource::named(group, &text("resource")),
            version: version.to_owned(),
            kind: entry["responseKind"]["kind"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
            singular: text("singularResource"),
            short_names: texts(&entry["shortNames"]),
            categories: texts(&entry["categories"]),
            namespaced: entry["scope"] == "Namespaced",
            verbs: texts(&entry["verbs"]),
            subresources: subresources.map(subresource).collect(),
            columns: Vec::new(),
            types,
            root: OnceLock::new(),
        }
    }
}

fn subresource(entry: &Value) -> Subresource {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let kind = &entry["responseKind"];
    Subresource {
        name: text(&entry["subresource"]),
        response: (
            api_version(&text(&kind["group"]), &text(&kind["version"])),
            text(&kind["kind"]),
        ),
        verbs: texts(&entry["verbs"]),
    }
}

/// `v1` or `apps/v1`.
pub(super) fn api_version(group: &str, version: &str) -> String {
    if group.is_empty() {
        version.to_owned()
    } else {
        format!("{group}/{version}")
    }
}

fn texts(list: &Value) -> Vec<String> {
    let items = list.as_array().into_iter().flatten();
    items.filter_map(Value::as_str).map(str::to_owned).collect()
}

fn type_name(types: &Value, group: &str, version: &str, kind: &str) -> Option<String> {
    let is_it =
        |name: &Value| name["group"] == group && name["version"] == version && name["kind"] == kind;
    let found = types.as_object()?.iter().find(|(_, node)| {
        let names = node
            .get("x-kubernetes-group-version-kind")
            .and_then(Value::as_array);
        names.is_some_and(|names| names.len() == 1 && names.iter().any(is_it))
    });
    found.map(|(name, _)| name.clone())
}

/// All kinds of a cluster. A change of definitions makes a new one.
#[derive(Clone, Default)]
pub struct Kinds {
    all: Vec<Arc<Kind>>,
    by_place: BTreeMap<(Resource, String), Arc<Kind>>,
}

impl Kinds {
    /// The recorded server's kinds, and those of definitions.
    pub fn with(definitions: &[Arc<Value>]) -> Kinds {
        let defined = definitions
            .iter()
            .flat_map(|definition| custom::kinds(definition));
        let all: Vec<_> = recorded::kinds()
            .into_iter()
            .chain(defined)
            .map(Arc::new)
            .collect();
        let by_place = all
            .iter()
            .map(|kind| ((kind.resource.clone(), kind.version.clone()), kind.clone()));
        Kinds {
            by_place: by_place.collect(),
            all,
        }
    }

    /// The kind that a URL names.
    pub fn get(&self, resource: &Resource, version: &str) -> Option<&Arc<Kind>> {
        self.by_place.get(&(resource.clone(), version.to_owned()))
    }

    /// The kind of a resource, in the version that is stored.
    pub fn stored(&self, resource: &Resource) -> Option<&Arc<Kind>> {
        self.all.iter().find(|kind| kind.resource == *resource)
    }

    /// The kind of a manifest.
    pub fn of(&self, api_version: &str, kind: &str) -> Option<&Arc<Kind>> {
        self.all
            .iter()
            .find(|entry| entry.kind == kind && entry.api_version() == api_version)
    }

    /// All of them, by group.
    pub fn all(&self) -> &[Arc<Kind>] {
        &self.all
    }
}

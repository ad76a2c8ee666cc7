//! Kinds that custom resource definitions add.

use serde_json::{Map, Value, json};

use super::kinds::Kind;
use crate::schema::schemas;

const VERBS: [&str; 8] = [
    "delete",
    "deletecollection",
    "get",
    "list",
    "patch",
    "create",
    "update",
    "watch",
];
const META: &str = "io.k8s.apimachinery.pkg.apis.meta.v1.";

/// The kinds of a definition: one for each version that is served, the stored one first.
pub(super) fn kinds(definition: &Value) -> Vec<Kind> {
    let spec = &definition["spec"];
    let group = spec["group"].as_str().unwrap_or_default();
    let versions = spec["versions"].as_array().into_iter().flatten();
    let mut served: Vec<_> = versions
        .filter(|version| version["served"] == true)
        .collect();
    served.sort_by_key(|version| version["storage"] != true);
    served
        .into_iter()
        .map(|version| {
            let name = version["name"].as_str().unwrap_or_default();
            let columns = version["additionalPrinterColumns"].as_array().cloned();
            let entry = entry(spec, version);
            Kind::defined(
                group,
                name,
                &entry,
                types(version),
                columns.unwrap_or_default(),
            )
        })
        .collect()
}

/// As aggregated discovery describes it.
fn entry(spec: &Value, version: &Value) -> Value {
    let names = &spec["names"];
    let kind = json!({ "group": spec["group"], "version": version["name"], "kind": names["kind"] });
    let subresources = version["subresources"].as_object().into_iter().flatten();
    let subresources: Vec<_> = subresources
        .filter(|(name, _)| *name == "status")
        .map(|(name, _)| {
            json!({ "subresource": name, "responseKind": kind, "verbs": ["get", "patch", "update"] })
        })
        .collect();
    json!({
        "resource": names["plural"],
        "responseKind": kind,
        "scope": spec["scope"],
        "singularResource": names["singular"],
        "verbs": VERBS,
        "shortNames": names["shortNames"],
        "categories": names["categories"],
        "subresources": subresources,
    })
}

/// The version's type as `""`, with the types of the metadata that every object has.
fn types(version: &Value) -> Value {
    let mut root = version["schema"]["openAPIV3Schema"].clone();
    root["properties"]["metadata"] =
        json!({ "$ref": format!("#/components/schemas/{META}ObjectMeta") });
    root["properties"]["apiVersion"] = json!({ "type": "string" });
    root["properties"]["kind"] = json!({ "type": "string" });
    let core = schemas("api/v1");
    let mut types: Map<String, Value> = [
        "ObjectMeta",
        "OwnerReference",
        "ManagedFieldsEntry",
        "FieldsV1",
        "Time",
    ]
    .iter()
    .map(|name| format!("{META}{name}"))
    .map(|name| (name.clone(), core[&name].clone()))
    .collect();
    types.insert(String::new(), root);
    Value::Object(types)
}

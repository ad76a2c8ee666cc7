//! Types of objects, as the OpenAPI v3 of a real server describes them.

mod recorded;
mod validate;

use serde_json::Value;

pub(crate) use recorded::unpack;
pub use recorded::{document, schemas};
pub use validate::{Problem, unknown_fields, wrong_types};

use crate::apply::Step;

/// A type within a document of types.
#[derive(Clone, Copy, Debug)]
pub struct Schema<'a> {
    /// The named types that references lead to.
    types: &'a Value,
    node: &'a Value,
    /// The name by which a reference led here.
    name: Option<&'a str>,
}

/// How the items of a list are told apart when two lists merge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListKind<'a> {
    /// Not at all: the list is one value.
    Atomic,
    /// By their value.
    Set,
    /// By some of their members.
    Map(Vec<&'a str>),
}

const REFERENCE: &str = "#/components/schemas/";

impl<'a> Schema<'a> {
    /// A type by its definition.
    pub fn new(types: &'a Value, node: &'a Value) -> Schema<'a> {
        Schema {
            types,
            node,
            name: None,
        }
        .resolved()
    }

    /// A named type.
    pub fn named(types: &'a Value, name: &'a str) -> Option<Schema<'a>> {
        let node = types.get(name)?;
        Some(
            Schema {
                types,
                node,
                name: Some(name),
            }
            .resolved(),
        )
    }

    /// The last part of the type's name, as its source calls it.
    pub fn short_name(self) -> Option<&'a str> {
        self.name?.rsplit('.').next()
    }

    /// A type about which nothing is known.
    pub fn unknown() -> Schema<'a> {
        static NULL: Value = Value::Null;
        Schema {
            types: &NULL,
            node: &NULL,
            name: None,
        }
    }

    /// Defaults and the like stand beside the reference; the type is behind it.
    fn resolved(self) -> Schema<'a> {
        let reference = self.node.get("$ref").or_else(|| {
            let all = self.node.get("allOf")?.as_array()?;
            all.first().filter(|_| all.len() == 1)?.get("$ref")
        });
        let name = reference
            .and_then(Value::as_str)
            .and_then(|text| text.strip_prefix(REFERENCE));
        match name.and_then(|name| self.types.get(name)) {
            Some(node) => Schema { node, name, ..self }.resolved(),
            None => self,
        }
    }

    /// A named member, before its reference is followed.
    fn property(self, name: &str) -> Option<&'a Value> {
        self.node.get("properties")?.get(name)
    }

    /// A named member.
    pub fn field(self, name: &str) -> Option<Field<'a>> {
        let node = self.property(name)?;
        Some(Field {
            schema: Schema {
                node,
                name: None,
                ..self
            }
            .resolved(),
            node,
        })
    }

    /// All named members.
    pub fn fields(self) -> impl Iterator<Item = (&'a str, Field<'a>)> {
        let properties = self.node.get("properties").and_then(Value::as_object);
        properties.into_iter().flatten().map(move |(name, node)| {
            let schema = Schema {
                node,
                name: None,
                ..self
            }
            .resolved();
            (name.as_str(), Field { schema, node })
        })
    }

    /// Whether a member is named; entries of maps are not.
    pub fn names(self, name: &str) -> bool {
        self.property(name).is_some()
    }

    /// The type of a member or entry.
    #[must_use]
    pub fn member(self, name: &str) -> Schema<'a> {
        match self.field(name) {
            Some(field) => field.schema,
            None => self.entries().unwrap_or_else(Schema::unknown),
        }
    }

    /// The type of a map's entries.
    pub fn entries(self) -> Option<Schema<'a>> {
        let node = self
            .node
            .get("additionalProperties")
            .filter(|node| node.is_object())?;
        Some(
            Schema {
                node,
                name: None,
                ..self
            }
            .resolved(),
        )
    }

    /// The type of a list's items.
    #[must_use]
    pub fn items(self) -> Schema<'a> {
        match self.node.get("items") {
            Some(node) => Schema {
                node,
                name: None,
                ..self
            }
            .resolved(),
            None => Schema::unknown(),
        }
    }

    /// The type behind a step.
    #[must_use]
    pub fn at(self, step: &Step) -> Schema<'a> {
        match step {
            Step::Field(name) => self.member(name),
            _ => self.items(),
        }
    }

    /// How a list merges.
    pub fn list_kind(self) -> ListKind<'a> {
        match self.text("x-kubernetes-list-type") {
            Some("set") => ListKind::Set,
            Some("map") => {
                let keys = self
                    .node
                    .get("x-kubernetes-list-map-keys")
                    .and_then(Value::as_array);
                ListKind::Map(
                    keys.into_iter()
                        .flatten()
                        .filter_map(Value::as_str)
                        .collect(),
                )
            }
            _ => ListKind::Atomic,
        }
    }

    /// Whether an object is one value.
    pub fn is_atomic_map(self) -> bool {
        self.text("x-kubernetes-map-type") == Some("atomic")
    }

    /// Whether anything may be inside.
    pub fn is_free(self) -> bool {
        let flag = |name: &str| self.node.get(name) == Some(&Value::Bool(true));
        let has = |name: &str| self.node.get(name).is_some();
        flag("x-kubernetes-preserve-unknown-fields")
            || flag("x-kubernetes-embedded-resource")
            || flag("additionalProperties")
            || !has("properties") && !has("additionalProperties")
    }

    /// `object`, `array`, `string`, `integer`, `number` or `boolean`.
    pub fn kind(self) -> Option<&'a str> {
        self.text("type")
    }

    /// A text of the definition.
    pub fn text(self, name: &str) -> Option<&'a str> {
        self.node.get(name)?.as_str()
    }

    /// The definition itself.
    pub fn definition(self) -> &'a Value {
        self.node
    }
}

/// A named member with what stands beside its type.
#[derive(Clone, Copy, Debug)]
pub struct Field<'a> {
    /// Its type.
    pub schema: Schema<'a>,
    node: &'a Value,
}

impl<'a> Field<'a> {
    /// What is meant where the member is absent.
    pub fn default(self) -> Option<&'a Value> {
        self.node
            .get("default")
            .or_else(|| self.schema.node.get("default"))
    }

    /// By which member a strategic merge patch merges a list, if it merges it.
    pub fn merge_key(self) -> Option<&'a str> {
        let text = |name: &str| self.node.get(name)?.as_str();
        text("x-kubernetes-patch-strategy").filter(|strategy| strategy.contains("merge"))?;
        Some(text("x-kubernetes-patch-merge-key").unwrap_or_default())
    }

    /// Whether a strategic merge patch keeps only what it names.
    pub fn retains_keys(self) -> bool {
        let strategy = self
            .node
            .get("x-kubernetes-patch-strategy")
            .and_then(Value::as_str);
        strategy.is_some_and(|strategy| strategy.contains("retainKeys"))
    }
}

/// Fills absent members that have a default, within objects that are there.
pub fn set_defaults(schema: Schema<'_>, value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, field) in schema.fields() {
                let missing = !members.contains_key(name);
                if missing && let Some(default) = field.default() {
                    members.insert(name.to_owned(), default.clone());
                }
            }
            for (name, member) in members {
                set_defaults(schema.member(name), member);
            }
        }
        Value::Array(items) => {
            for item in items {
                set_defaults(schema.items(), item);
            }
        }
        _ => {}
    }
}

/// What an empty object of a recorded type holds: members that are structures, not references to them, are always there.
pub fn skeleton(schema: Schema<'_>) -> Value {
    let required = schema
        .definition()
        .get("required")
        .and_then(Value::as_array);
    let is_required = |name: &str| required.is_some_and(|list| list.iter().any(|one| one == name));
    let mut object = serde_json::Map::new();
    for (name, field) in schema.fields() {
        if field.node.get("default").is_some_and(Value::is_object) {
            object.insert(name.to_owned(), skeleton(field.schema));
        } else if is_required(name) {
            object.insert(name.to_owned(), Value::Null);
        }
    }
    Value::Object(object)
}

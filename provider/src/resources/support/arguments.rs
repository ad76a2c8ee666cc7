//! From the model's description of arguments to a schema, and from values to typed arguments.

use seedling_model::arguments::{Arguments, Field, Shape};
use seedling_schema::{Attribute, Diagnostic, Schema, Type, Value};
use serde::{Serialize, de::DeserializeOwned};

/// A schema with one attribute per field of `T`. Computed attributes are added by the resource.
pub fn schema_of<T: Arguments>() -> Schema {
    T::fields()
        .iter()
        .fold(Schema::new(0).describe(T::DOC), |schema, field| {
            schema.attribute(field.name, attribute(field))
        })
}

/// The same schema where `name`, if it is not configured, is planned as `default`: for arguments
/// that other resources refer to.
pub fn with_default(mut schema: Schema, name: &str, default: &str) -> Schema {
    for (other, attribute) in &mut schema.attributes {
        if other == name {
            *attribute = attribute.clone().default_to(default);
        }
    }
    schema
}

fn attribute(field: &Field) -> Attribute {
    let shaped = shaped(&field.shape).describe(field.doc);
    let settled = if field.required {
        shaped.required()
    } else {
        shaped.optional()
    };
    if field.replaces {
        settled.replaces()
    } else {
        settled
    }
}

fn shaped(shape: &Shape) -> Attribute {
    match shape {
        Shape::Object(fields) => Attribute::object(members(fields)),
        Shape::List(item) => match &**item {
            Shape::Object(fields) => Attribute::list_of_objects(members(fields)),
            plain => hidden(plain, Attribute::list_of(type_of(plain))),
        },
        Shape::Map(item) => match &**item {
            Shape::Object(fields) => Attribute::map_of_objects(members(fields)),
            plain => hidden(plain, Attribute::map_of(type_of(plain))),
        },
        plain => hidden(plain, Attribute::of(type_of(plain))),
    }
}

/// A secret, and a collection of secrets, is write-only and sensitive.
fn hidden(shape: &Shape, attribute: Attribute) -> Attribute {
    if *shape == Shape::Secret {
        attribute.sensitive().write_only()
    } else {
        attribute
    }
}

fn members(fields: &[Field]) -> Vec<(&'static str, Attribute)> {
    fields
        .iter()
        .map(|field| (field.name, attribute(field)))
        .collect()
}

fn type_of(shape: &Shape) -> Type {
    match shape {
        Shape::Text | Shape::Secret => Type::string(),
        Shape::Number => Type::number(),
        Shape::Flag => Type::bool(),
        Shape::List(item) => Type::list(type_of(item)),
        Shape::Map(item) => Type::map(type_of(item)),
        Shape::Object(fields) => Type::object(
            fields
                .iter()
                .map(|field| (field.name, type_of(&field.shape))),
        ),
    }
}

/// Typed arguments from a configuration or a state; computed attributes are left aside.
pub fn arguments<T: Arguments + DeserializeOwned>(value: &Value) -> Result<T, Diagnostic> {
    let mut only = Value::Map(std::collections::BTreeMap::new());
    for field in T::fields() {
        only.set(field.name, value.get(field.name).clone());
    }
    only.decode()
        .map_err(|error| Diagnostic::error("Invalid value", error.to_string()).at(error.path))
}

/// A state that holds these arguments; attributes without one are null. Secrets are not written.
pub fn state_of<T: Serialize>(arguments: &T, schema: &Schema) -> Result<Value, Diagnostic> {
    Value::encode(arguments, &schema.ty()).map_err(|error| {
        Diagnostic::error(
            "A state cannot be built",
            format!("{error}. This is a bug in the provider."),
        )
    })
}

//! From the model's description of arguments to a schema, and from values to typed arguments.

use seedling_model::arguments::{Arguments, Field, Shape};
use seedling_schema::{ApplyRequest, Attribute, Diagnostic, Plan, Schema, Type, Value};
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

/// The arguments that an apply is to bring about: what was planned, with the write-only values,
/// which a plan does not hold. Not simply the configuration: that has the values which
/// `ignore_changes` says to leave alone.
pub fn planned_arguments<T: Arguments + DeserializeOwned>(
    request: &ApplyRequest,
) -> Result<T, Diagnostic> {
    let (planned, config) = (&request.planned, &request.config);
    arguments(&with_secrets(&Shape::Object(T::fields()), planned, config))
}

/// The same of a plan in the making; values may be unknown.
pub fn arguments_of_plan<T: Arguments + DeserializeOwned>(plan: &Plan) -> Result<T, Diagnostic> {
    let shape = Shape::Object(T::fields());
    arguments(&with_secrets(&shape, &plan.planned, &plan.config))
}

/// `planned`, with everything write-only from `config`.
fn with_secrets(shape: &Shape, planned: &Value, config: &Value) -> Value {
    match (shape, planned) {
        (Shape::Secret, _) => config.clone(),
        (Shape::List(item) | Shape::Map(item), _) if **item == Shape::Secret => config.clone(),
        (Shape::Object(fields), Value::Map(_)) => {
            let member = |field: &Field| {
                let inside = (planned.get(field.name), config.get(field.name));
                (
                    field.name.to_owned(),
                    with_secrets(&field.shape, inside.0, inside.1),
                )
            };
            Value::Map(fields.iter().map(member).collect())
        }
        (Shape::Map(item), Value::Map(items)) => {
            let items = items.iter();
            let items =
                items.map(|(key, value)| (key.clone(), with_secrets(item, value, config.get(key))));
            Value::Map(items.collect())
        }
        (Shape::List(item), Value::List(items)) => {
            let given = config.as_list().into_iter().flatten();
            let given = given.chain(std::iter::repeat(&Value::Null));
            let items = items.iter().zip(given);
            Value::List(
                items
                    .map(|(value, given)| with_secrets(item, value, given))
                    .collect(),
            )
        }
        _ => planned.clone(),
    }
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn field(name: &'static str, shape: Shape) -> Field {
        Field {
            name,
            shape,
            doc: "",
            required: false,
            replaces: false,
        }
    }

    fn object(members: &[(&str, Value)]) -> Value {
        let members = members
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()));
        Value::Map(members.collect::<BTreeMap<_, _>>())
    }

    #[test]
    fn only_secrets_come_from_the_configuration() {
        let login = Shape::Object(vec![
            field("user", Shape::Text),
            field("password", Shape::Secret),
        ]);
        let shape = Shape::Object(vec![
            field("image", Shape::Text),
            field("secrets", Shape::Map(Box::new(Shape::Secret))),
            field("logins", Shape::Map(Box::new(login))),
        ]);
        let value = |image: &str, secrets: Value, password: Value| {
            let login = object(&[("user", "acme".into()), ("password", password)]);
            let logins = object(&[("registry", login)]);
            object(&[
                ("image", image.into()),
                ("secrets", secrets),
                ("logins", logins),
            ])
        };
        let secrets = object(&[("TOKEN", "x".into())]);
        let planned = value("kept", Value::Null, Value::Null);
        let config = value("ignored", secrets.clone(), "y".into());
        assert_eq!(
            with_secrets(&shape, &planned, &config),
            value("kept", secrets, "y".into())
        );
    }
}

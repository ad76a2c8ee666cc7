//! Schemas in messages.

use seedling_proto::tfplugin6 as pb;

use crate::attribute::{Attribute, Nesting, Shape};
use crate::function::{FunctionSignature, Parameter};
use crate::schema::{Identity, Schema};
use crate::types::Type;

/// A schema's wire form.
pub(crate) fn schema(schema: &Schema) -> pb::Schema {
    pb::Schema {
        version: schema.version,
        block: Some(pb::schema::Block {
            version: schema.version,
            attributes: attributes(&schema.attributes),
            description: schema.description.clone(),
            description_kind: pb::StringKind::Markdown.into(),
            ..pb::schema::Block::default()
        }),
    }
}

fn attributes(attributes: &[(String, Attribute)]) -> Vec<pb::schema::Attribute> {
    attributes
        .iter()
        .map(|(name, one)| attribute(name, one))
        .collect()
}

fn attribute(name: &str, attribute: &Attribute) -> pb::schema::Attribute {
    let (ty, nested_type) = match &attribute.shape {
        Shape::Plain(ty) => (type_bytes(ty), None),
        Shape::Nested(nesting, children) => (Vec::new(), Some(nested(*nesting, children))),
    };
    pb::schema::Attribute {
        name: name.to_owned(),
        r#type: ty,
        nested_type,
        description: attribute.description.clone(),
        description_kind: pb::StringKind::Markdown.into(),
        required: attribute.required,
        optional: attribute.optional,
        computed: attribute.computed,
        sensitive: attribute.sensitive,
        write_only: attribute.write_only,
        deprecated: attribute.deprecated.is_some(),
        deprecation_message: attribute.deprecated.clone().unwrap_or_default(),
    }
}

fn nested(nesting: Nesting, children: &[(String, Attribute)]) -> pb::schema::Object {
    use pb::schema::object::NestingMode;

    let nesting = match nesting {
        Nesting::Single => NestingMode::Single,
        Nesting::List => NestingMode::List,
        Nesting::Map => NestingMode::Map,
    };
    pb::schema::Object {
        attributes: attributes(children),
        nesting: nesting.into(),
        ..pb::schema::Object::default()
    }
}

fn type_bytes(ty: &Type) -> Vec<u8> {
    ty.to_json().to_string().into_bytes()
}

/// An identity schema's wire form.
pub(crate) fn identity_schema(identity: &Identity) -> pb::ResourceIdentitySchema {
    let attributes = identity.attributes.iter().map(|attribute| {
        pb::resource_identity_schema::IdentityAttribute {
            name: attribute.name.clone(),
            r#type: type_bytes(&Type::String),
            required_for_import: attribute.required_for_import,
            optional_for_import: !attribute.required_for_import,
            description: attribute.description.clone(),
        }
    });
    pb::ResourceIdentitySchema {
        version: identity.version,
        identity_attributes: attributes.collect(),
    }
}

/// A function signature's wire form.
pub(crate) fn function(signature: &FunctionSignature) -> pb::Function {
    pb::Function {
        parameters: signature.params.iter().map(parameter).collect(),
        variadic_parameter: signature.variadic.as_ref().map(parameter),
        r#return: Some(pb::function::Return {
            r#type: type_bytes(&signature.returns),
        }),
        summary: signature.summary.clone(),
        description: signature.description.clone(),
        description_kind: pb::StringKind::Markdown.into(),
        deprecation_message: String::new(),
    }
}

fn parameter(parameter: &Parameter) -> pb::function::Parameter {
    pb::function::Parameter {
        name: parameter.name.clone(),
        r#type: type_bytes(&parameter.ty),
        allow_null_value: parameter.allow_null,
        allow_unknown_values: parameter.allow_unknown,
        description: parameter.description.clone(),
        description_kind: pb::StringKind::Markdown.into(),
    }
}

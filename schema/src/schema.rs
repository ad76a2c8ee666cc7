//! Schemas: which attributes a block of configuration has.

use crate::attribute::Attribute;
use crate::types::Type;

/// The attributes of the provider block, a resource, a data source or an ephemeral resource.
///
/// Attributes keep the order in which they are written, for the reference documentation.
#[derive(Clone, Debug, PartialEq)]
pub struct Schema {
    /// Counts up when stored states need conversion.
    pub version: i64,
    /// What the block is for, in Markdown.
    pub description: String,
    /// The attributes in order.
    pub attributes: Vec<(String, Attribute)>,
}

impl Schema {
    /// A schema without attributes.
    pub fn new(version: i64) -> Self {
        Self {
            version,
            description: String::new(),
            attributes: Vec::new(),
        }
    }

    /// Says what the block is for, in Markdown.
    #[must_use]
    pub fn describe(mut self, markdown: &str) -> Self {
        markdown.clone_into(&mut self.description);
        self
    }

    /// Adds an attribute.
    #[must_use]
    pub fn attribute(mut self, name: &str, attribute: Attribute) -> Self {
        self.attributes.push((name.to_owned(), attribute));
        self
    }

    /// The object type of the block.
    pub fn ty(&self) -> Type {
        Type::Object(
            self.attributes
                .iter()
                .map(|(name, attribute)| (name.clone(), attribute.ty()))
                .collect(),
        )
    }

    /// The attribute of this name.
    pub fn get(&self, name: &str) -> Option<&Attribute> {
        self.attributes
            .iter()
            .find(|(other, _)| other == name)
            .map(|(_, attribute)| attribute)
    }
}

/// What identifies a resource whatever happens to its state: the arguments of an import block's
/// `identity`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Counts up when stored identities need conversion.
    pub version: i64,
    /// The attributes in order.
    pub attributes: Vec<IdentityAttribute>,
}

/// A text that is part of an identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityAttribute {
    /// The attribute's name.
    pub name: String,
    /// Whether an import must give it.
    pub required_for_import: bool,
    /// What it is, in plain text.
    pub description: String,
}

impl Identity {
    /// An identity without attributes.
    pub fn new(version: i64) -> Self {
        Self {
            version,
            attributes: Vec::new(),
        }
    }

    /// Adds a text attribute.
    #[must_use]
    pub fn string(mut self, name: &str, required_for_import: bool, description: &str) -> Self {
        self.attributes.push(IdentityAttribute {
            name: name.to_owned(),
            required_for_import,
            description: description.to_owned(),
        });
        self
    }

    /// The object type of the identity.
    pub fn ty(&self) -> Type {
        Type::object(
            self.attributes
                .iter()
                .map(|attribute| (attribute.name.as_str(), Type::String)),
        )
    }
}

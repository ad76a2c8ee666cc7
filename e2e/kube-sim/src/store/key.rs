//! Names of objects.

use std::borrow::Cow;
use std::fmt;

use serde_json::Value;

/// A resource: a group and the plural by which URLs name it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Resource {
    /// API group, empty for the core group.
    pub group: Cow<'static, str>,
    /// The name in URLs.
    pub plural: Cow<'static, str>,
}

impl Resource {
    /// A resource that is known when the program is written.
    pub const fn new(group: &'static str, plural: &'static str) -> Resource {
        Resource {
            group: Cow::Borrowed(group),
            plural: Cow::Borrowed(plural),
        }
    }

    /// A resource that somebody named.
    pub fn named(group: &str, plural: &str) -> Resource {
        Resource {
            group: Cow::Owned(group.to_owned()),
            plural: Cow::Owned(plural.to_owned()),
        }
    }

    /// Reads what `Display` wrote.
    pub fn parse(text: &str) -> Resource {
        let (plural, group) = text.split_once('.').unwrap_or((text, ""));
        Resource::named(group, plural)
    }
}

/// `deployments.apps`, and `pods` for the core group: as the API's own messages name resources.
impl fmt::Display for Resource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.plural)?;
        if self.group.is_empty() {
            return Ok(());
        }
        write!(formatter, ".{}", self.group)
    }
}

/// One object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// Of which resource.
    pub resource: Resource,
    /// Its namespace; empty for objects of the whole cluster.
    pub namespace: String,
    /// Its name.
    pub name: String,
}

impl Key {
    /// The key of a name.
    pub fn new(resource: &Resource, namespace: &str, name: &str) -> Key {
        Key {
            resource: resource.clone(),
            namespace: namespace.to_owned(),
            name: name.to_owned(),
        }
    }

    /// The key of an object, by its metadata.
    pub fn of(resource: &Resource, object: &Value) -> Key {
        let text = |member: &str| object["metadata"][member].as_str().unwrap_or_default();
        Key::new(resource, text("namespace"), text("name"))
    }
}

//! What the configuration part of a plan tells about secrets: where they come from, by name. No value of it is kept.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, SeqAccess, Visitor},
};

/// The configuration, as far as it is read.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Configuration {
    root_module: Module,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Module {
    resources: Vec<Resource>,
    #[serde(rename = "module_calls")]
    calls: BTreeMap<String, Call>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Resource {
    address: String,
    #[serde(rename = "type")]
    type_name: String,
    expressions: SecretArguments,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Call {
    expressions: BTreeMap<String, Sources>,
    module: Module,
}

/// The arguments of our resources that hold nothing but secrets. `tls` is not among them: it can name an issuer.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct SecretArguments {
    secrets: Sources,
    secret_files: Sources,
    basic_auth: Sources,
    image_pull: Sources,
}

/// Where an expression takes its values from.
#[derive(Debug, Default)]
struct Sources {
    references: Vec<String>,
    has_constant: bool,
}

/// A secret whose value plans can show.
#[derive(Debug, PartialEq, Eq)]
pub struct Exposed {
    /// Address of the resource, without the keys of `for_each`.
    pub address: String,
    /// Its argument.
    pub argument: &'static str,
    /// The variable of the root module that holds the value; nothing where it is written down.
    pub variable: Option<String>,
}

impl Configuration {
    /// The secrets of our resources whose values stand in the configuration, or in one of these variables of the root
    /// module: those of which the plan holds the value. Ephemeral ones are not among them.
    pub fn exposed(&self, held: &BTreeSet<String>) -> Vec<Exposed> {
        let mut exposed = Vec::new();
        let root = Scope {
            module: &self.root_module,
            call: None,
        };
        root.visit("", held, &mut exposed);
        exposed
    }
}

/// A module and the way it is called.
struct Scope<'a> {
    module: &'a Module,
    call: Option<(&'a Call, &'a Scope<'a>)>,
}

impl Scope<'_> {
    fn visit(&self, prefix: &str, held: &BTreeSet<String>, exposed: &mut Vec<Exposed>) {
        for resource in &self.module.resources {
            if resource.type_name.starts_with("seedling_") {
                let address = format!("{prefix}{}", resource.address);
                self.resource(resource, &address, held, exposed);
            }
        }
        for (name, call) in &self.module.calls {
            let inner = Scope {
                module: &call.module,
                call: Some((call, self)),
            };
            inner.visit(&format!("{prefix}module.{name}."), held, exposed);
        }
    }

    fn resource(
        &self,
        resource: &Resource,
        address: &str,
        held: &BTreeSet<String>,
        exposed: &mut Vec<Exposed>,
    ) {
        let expressions = &resource.expressions;
        let arguments = [
            ("secrets", &expressions.secrets),
            ("secret_files", &expressions.secret_files),
            ("basic_auth", &expressions.basic_auth),
            ("image_pull", &expressions.image_pull),
        ];
        for (argument, sources) in arguments {
            let Origin { variables, written } = self.origin(sources);
            // A login has a user name beside its password: one ephemeral part is taken for the password.
            let is_login = argument == "image_pull";
            if is_login && variables.iter().any(|name| !held.contains(name)) {
                continue;
            }
            let variables = variables.into_iter().filter(|name| held.contains(name));
            let found = written.then_some(None).into_iter();
            exposed.extend(found.chain(variables.map(Some)).map(|variable| Exposed {
                address: address.to_owned(),
                argument,
                variable,
            }));
        }
    }

    /// Follows sources through the calls of modules.
    fn origin(&self, sources: &Sources) -> Origin {
        let mut origin = Origin {
            variables: BTreeSet::new(),
            written: sources.has_constant,
        };
        for name in sources.variables() {
            match self.call {
                None => {
                    origin.variables.insert(name.to_owned());
                }
                Some((call, caller)) => {
                    let Some(sources) = call.expressions.get(name) else {
                        continue;
                    };
                    let outer = caller.origin(sources);
                    origin.variables.extend(outer.variables);
                    origin.written |= outer.written;
                }
            }
        }
        origin
    }
}

/// Where values come from in the end: variables of the root module, or the code itself.
struct Origin {
    variables: BTreeSet<String>,
    written: bool,
}

impl Sources {
    /// The variables among the references: `var.a.b` and `var.a` are one.
    fn variables(&self) -> impl Iterator<Item = &str> {
        let names = self.references.iter();
        names
            .filter_map(|reference| reference.strip_prefix("var."))
            .filter(|name| !name.contains(['.', '[']))
    }
}

impl<'de> Deserialize<'de> for Sources {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SourcesVisitor)
    }
}

/// Goes through an expression of any form and keeps names of references only.
struct SourcesVisitor;

impl<'de> Visitor<'de> for SourcesVisitor {
    type Value = Sources;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an expression")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Sources, A::Error> {
        let mut sources = Sources::default();
        while let Some(name) = members.next_key::<String>()? {
            match name.as_str() {
                "references" => sources
                    .references
                    .extend(members.next_value::<Vec<String>>()?),
                "constant_value" => {
                    members.next_value::<IgnoredAny>()?;
                    sources.has_constant = true;
                }
                _ => sources.join(members.next_value()?),
            }
        }
        Ok(sources)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Sources, A::Error> {
        let mut sources = Sources::default();
        while let Some(inner) = elements.next_element()? {
            sources.join(inner);
        }
        Ok(sources)
    }

    fn visit_unit<E>(self) -> Result<Sources, E> {
        Ok(Sources::default())
    }

    fn visit_bool<E>(self, _: bool) -> Result<Sources, E> {
        Ok(Sources::default())
    }

    fn visit_str<E>(self, _: &str) -> Result<Sources, E> {
        Ok(Sources::default())
    }

    fn visit_i64<E>(self, _: i64) -> Result<Sources, E> {
        Ok(Sources::default())
    }

    fn visit_u64<E>(self, _: u64) -> Result<Sources, E> {
        Ok(Sources::default())
    }

    fn visit_f64<E>(self, _: f64) -> Result<Sources, E> {
        Ok(Sources::default())
    }
}

impl Sources {
    fn join(&mut self, other: Self) {
        self.references.extend(other.references);
        self.has_constant |= other.has_constant;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn variables_are_followed_through_modules() {
        let configuration: Configuration = serde_json::from_value(json!({ "root_module": {
            "resources": [{ "address": "seedling_service.a", "type": "seedling_service", "expressions": {
                "name": { "constant_value": "a" }, "secrets": { "constant_value": { "A": "x" } } } }],
            "module_calls": { "m": {
                "expressions": { "one": { "references": ["var.plain"] }, "two": { "references": ["var.safe"] } },
                "module": {
                    "resources": [{ "address": "seedling_service.b", "type": "seedling_service", "expressions": {
                        "secrets": { "references": ["var.one[0]", "var.one", "var.two", "each.key"] } } }],
                },
            } },
        } }))
        .unwrap();
        let held = BTreeSet::from(["plain".to_owned()]);
        let found: Vec<_> = configuration
            .exposed(&held)
            .into_iter()
            .map(|it| (it.address, it.variable))
            .collect();
        assert_eq!(
            found,
            [
                ("seedling_service.a".to_owned(), None),
                (
                    "module.m.seedling_service.b".to_owned(),
                    Some("plain".to_owned())
                ),
            ]
        );
    }
}

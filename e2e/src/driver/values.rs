//! Values of a root's variables: what the user gave, and random secrets where nobody gave one.
//!
//! All values reach the command line through `TF_VAR_…` in its environment: `-var` stands in TRACE logs and in
//! the list of processes.

use std::collections::hash_map::RandomState;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{BuildHasher, Hasher};
use std::path::Path;

use hcl_edit::expr::Expression;

use super::configuration::Variable;
use super::{Configuration, DriverError, hcl};

/// A random value made for a secret, to be searched for afterwards wherever it must not be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Canary {
    /// The variable that has it.
    pub variable: String,
    /// The text to search for.
    pub text: String,
    /// Whether the variable is ephemeral. A value that is only sensitive is written into plans by the command line itself.
    pub ephemeral: bool,
}

/// Values for one root.
#[derive(Clone, Debug, Default)]
pub struct Values {
    /// Variable → value as `TF_VAR_…` takes it.
    pub environment: BTreeMap<String, String>,
    /// Secrets among them.
    pub canaries: Vec<Canary>,
}

/// Refuses names that no root declares.
pub fn check_names(
    given: &BTreeMap<String, String>,
    roots: &[Configuration],
) -> Result<(), DriverError> {
    let declared: BTreeSet<&str> = roots
        .iter()
        .flat_map(|r| &r.variables)
        .map(|v| v.name.as_str())
        .collect();
    match given.keys().find(|name| !declared.contains(name.as_str())) {
        None => Ok(()),
        Some(name) => Err(DriverError::UnknownVariable {
            name: name.clone(),
            nearest: declared
                .iter()
                .find(|d| looks_like(d, name))
                .map(|d| (*d).to_owned()),
        }),
    }
}

/// One typing error apart: one character more, less or other, or a part of the other.
fn looks_like(declared: &str, name: &str) -> bool {
    let prefix = declared
        .chars()
        .zip(name.chars())
        .take_while(|(a, b)| a == b)
        .count();
    let suffix = declared
        .chars()
        .rev()
        .zip(name.chars().rev())
        .take_while(|(a, b)| a == b)
        .count();
    prefix + suffix + 1 >= declared.chars().count().max(name.chars().count())
        || declared.contains(name)
}

impl Values {
    /// Values for a root: given ones, then `TF_VAR_…` of the caller's environment, then variable files and
    /// defaults (left to the command line), then canaries for what is ephemeral or sensitive.
    pub fn choose(
        configuration: &Configuration,
        given: &BTreeMap<String, String>,
    ) -> Result<Self, DriverError> {
        let in_files = assigned_in_files(&configuration.folder)?;
        let mut values = Self::default();
        for variable in &configuration.variables {
            let name = &variable.name;
            let known = given
                .get(name)
                .cloned()
                .or_else(|| std::env::var(format!("TF_VAR_{name}")).ok());
            match known {
                Some(value) => values.given(variable, value),
                None if variable.has_default || in_files.contains(name) => {}
                None if variable.ephemeral || variable.sensitive => {
                    values.invented(variable, configuration)?;
                }
                None => return Err(missing(variable, configuration)),
            }
        }
        Ok(values)
    }

    fn given(&mut self, variable: &Variable, value: String) {
        // Short values occur by chance everywhere: searching for them proves nothing.
        if (variable.ephemeral || variable.sensitive) && value.len() >= 8 {
            self.canaries.push(Canary {
                variable: variable.name.clone(),
                text: value.clone(),
                ephemeral: variable.ephemeral,
            });
        }
        self.environment.insert(variable.name.clone(), value);
    }

    fn invented(
        &mut self,
        variable: &Variable,
        configuration: &Configuration,
    ) -> Result<(), DriverError> {
        let mut texts = Vec::new();
        let value = match &variable.constraint {
            None => canary(&mut texts),
            Some(constraint) => {
                invent(constraint, &mut texts).ok_or_else(|| missing(variable, configuration))?
            }
        };
        self.canaries.extend(texts.into_iter().map(|text| Canary {
            variable: variable.name.clone(),
            text,
            ephemeral: variable.ephemeral,
        }));
        self.environment.insert(variable.name.clone(), value);
        Ok(())
    }
}

fn missing(variable: &Variable, configuration: &Configuration) -> DriverError {
    let constraint = variable
        .constraint
        .as_ref()
        .map(|c| c.to_string().trim().to_owned())
        .unwrap_or_default();
    let example = match constraint.split('(').next().unwrap_or_default() {
        "number" => "1",
        "bool" => "true",
        "list" | "set" | "tuple" => "[…]",
        "map" | "object" => "{…}",
        _ => "…",
    };
    DriverError::ValueMissing {
        name: variable.name.clone(),
        folder: configuration.folder.clone(),
        example: example.to_owned(),
    }
}

/// A value of a type made of strings, as `TF_VAR_…` takes it; `None` for types that ask for meaning.
fn invent(constraint: &Expression, texts: &mut Vec<String>) -> Option<String> {
    match constraint {
        Expression::Variable(name) if ["string", "any"].contains(&name.as_str()) => {
            Some(canary(texts))
        }
        _ => invent_nested(constraint, texts),
    }
}

/// As [`invent`], inside another value, where strings are quoted.
fn invent_nested(constraint: &Expression, texts: &mut Vec<String>) -> Option<String> {
    match constraint {
        Expression::Variable(name) if ["string", "any"].contains(&name.as_str()) => {
            Some(format!("{:?}", canary(texts)))
        }
        Expression::FuncCall(call) => {
            let inner = call.args.iter().next()?;
            match call.name.name.as_str() {
                "map" => Some(format!("{{ CANARY = {} }}", invent_nested(inner, texts)?)),
                "list" | "set" => Some(format!("[{}]", invent_nested(inner, texts)?)),
                "optional" => invent_nested(inner, texts),
                "object" => {
                    let mut members = Vec::new();
                    for (key, value) in inner.as_object()? {
                        let key = key.as_ident()?.as_str();
                        members.push(format!("{key} = {}", invent_nested(value.expr(), texts)?));
                    }
                    Some(format!("{{ {} }}", members.join(", ")))
                }
                _ => None,
            }
        }
        _ => None,
    }
}

/// Unique in this run and found nowhere by chance. It guards nothing, so it need not be unguessable.
fn canary(texts: &mut Vec<String>) -> String {
    let word = || RandomState::new().build_hasher().finish();
    let text = format!("canary-{:016x}{:016x}", word(), word());
    texts.push(text.clone());
    text
}

/// Names assigned in the variable files that the command lines read by themselves.
fn assigned_in_files(folder: &Path) -> Result<BTreeSet<String>, DriverError> {
    let mut names = BTreeSet::new();
    for file in hcl::file_names(folder)? {
        let path = folder.join(&file);
        if file == "terraform.tfvars" || file.ends_with(".auto.tfvars") {
            let body = hcl::read_file(&path)?.body;
            names.extend(body.attributes().map(|a| a.key.as_str().to_owned()));
        } else if file == "terraform.tfvars.json" || file.ends_with(".auto.tfvars.json") {
            let text = std::fs::read_to_string(&path).map_err(DriverError::file(&path))?;
            let object: BTreeMap<String, serde_json::Value> =
                serde_json::from_str(&text).map_err(|error| DriverError::Syntax {
                    file: path,
                    message: error.to_string(),
                })?;
            names.extend(object.into_keys());
        }
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::driver::Flavour;

    fn configuration(text: &str) -> (tempfile::TempDir, Configuration) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("main.tf"), text).unwrap();
        let read = Configuration::read(folder.path(), Flavour::Terraform).unwrap();
        (folder, read)
    }

    #[test]
    fn secrets_without_a_value_get_canaries_by_their_type() {
        let (_folder, configuration) = configuration(
            "variable \"a\" {\n  type = string\n  ephemeral = true\n}\n\
             variable \"b\" {\n  type = object({ user = string, tokens = list(string) })\n  sensitive = true\n}\n\
             variable \"c\" {\n  default = 1\n}\n",
        );
        let values = Values::choose(&configuration, &BTreeMap::new()).unwrap();
        assert_eq!(values.canaries.len(), 3);
        assert_eq!(values.environment["a"], values.canaries[0].text);
        let b = &values.environment["b"];
        assert!(
            b.starts_with("{ user = \"canary-") && b.contains("tokens = [\"canary-"),
            "{b}"
        );
        assert!(values.canaries[0].ephemeral && !values.canaries[1].ephemeral);
        assert!(!values.environment.contains_key("c"));
        assert_ne!(values.canaries[1].text, values.canaries[2].text);
    }

    #[test]
    fn other_variables_without_a_value_are_asked_for() {
        let (folder, configuration) = configuration("variable \"size\" {\n  type = number\n}\n");
        let error = Values::choose(&configuration, &BTreeMap::new()).unwrap_err();
        assert_eq!(error.hint().unwrap(), "give one with --var 'size=1'");
        let given = BTreeMap::from([("size".to_owned(), "3".to_owned())]);
        assert_eq!(
            Values::choose(&configuration, &given).unwrap().environment["size"],
            "3"
        );
        std::fs::write(folder.path().join("terraform.tfvars"), "size = 2\n").unwrap();
        assert!(
            Values::choose(&configuration, &BTreeMap::new())
                .unwrap()
                .environment
                .is_empty()
        );
    }

    #[test]
    fn unknown_names_are_refused_with_the_nearest() {
        let (_folder, configuration) = configuration("variable \"release\" {\n  default = 1\n}\n");
        let given = BTreeMap::from([("relese".to_owned(), "2".to_owned())]);
        let error = check_names(&given, &[configuration])
            .unwrap_err()
            .to_string();
        assert!(error.contains("did you mean \"release\"?"), "{error}");
    }
}

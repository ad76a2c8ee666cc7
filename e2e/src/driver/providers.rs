//! Decides which providers a configuration may use: ours, those that reach nothing, and those the user allows.

use std::collections::BTreeSet;

use super::configuration::{Configuration, Requirement};
use super::{DriverError, Flavour};

/// `namespace/type` of our provider, on whichever registry host.
pub const OURS: &str = "seedling-dev/seedling";

/// Providers that work with what they are given and reach no other system.
const HARMLESS: [&str; 5] = [
    "hashicorp/random",
    "hashicorp/null",
    "hashicorp/time",
    "hashicorp/tls",
    "hashicorp/local",
];

/// Compiled into the command lines; never installed.
const BUILT_IN: [&str; 2] = ["terraform.io/builtin/terraform", "hashicorp/terraform"];

/// Full addresses (`host/namespace/type`) that a configuration needs installed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needed {
    /// Addresses under which our provider is asked for.
    pub ours: BTreeSet<String>,
    /// Addresses of the others.
    pub others: BTreeSet<String>,
}

/// Sorts the providers of a configuration, refusing those that are neither harmless nor allowed.
pub fn check(
    configuration: &Configuration,
    allowed: &[String],
    flavour: Flavour,
) -> Result<Needed, DriverError> {
    let allowed: BTreeSet<String> = allowed
        .iter()
        .map(|source| address(source, flavour))
        .collect();
    let mut needed = Needed::default();
    for requirement in &configuration.requirements {
        let written = written(requirement)?;
        let full = address(&written, flavour);
        let short = full.split_once('/').map_or(full.as_str(), |(_, rest)| rest);
        if BUILT_IN.contains(&full.as_str()) || BUILT_IN.contains(&short) {
            continue;
        }
        if short == OURS {
            needed.ours.insert(full);
        } else if HARMLESS.contains(&short) || allowed.contains(&full) {
            needed.others.insert(full);
        } else {
            return Err(DriverError::ForeignProvider {
                address: shown(&full),
                place: requirement.place.clone(),
            });
        }
    }
    Ok(needed)
}

/// The source as written, or as the command lines imply it from the name.
fn written(requirement: &Requirement) -> Result<String, DriverError> {
    match &requirement.source {
        Some(source) => Ok(source.clone()),
        None if requirement.local_name == "terraform" => Ok(BUILT_IN[0].to_owned()),
        None if requirement.local_name == "seedling" => Err(DriverError::SourceMissing {
            place: requirement.place.clone(),
        }),
        None => Ok(requirement.local_name.clone()),
    }
}

/// Completes a source with the default host and namespace.
fn address(source: &str, flavour: Flavour) -> String {
    let source = source.to_lowercase();
    match source.matches('/').count() {
        0 => format!("{}/hashicorp/{source}", flavour.registry()),
        1 => format!("{}/{source}", flavour.registry()),
        _ => source,
    }
}

/// Without its host where that is a default one.
fn shown(address: &str) -> String {
    [Flavour::Terraform, Flavour::OpenTofu]
        .iter()
        .find_map(|f| address.strip_prefix(f.registry())?.strip_prefix('/'))
        .unwrap_or(address)
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn configuration(sources: &[(&str, Option<&str>)]) -> Configuration {
        let requirement = |(name, source): &(&str, Option<&str>)| Requirement {
            source: source.map(str::to_owned),
            local_name: (*name).to_owned(),
            place: "main.tf".to_owned(),
        };
        Configuration {
            folder: "/x".into(),
            variables: Vec::new(),
            requirements: sources.iter().map(requirement).collect(),
            modules: BTreeSet::new(),
        }
    }

    #[test]
    fn table_of_providers() {
        let accepts = |name, source, allowed: &[&str]| {
            let allowed: Vec<String> = allowed.iter().map(|a| (*a).to_owned()).collect();
            check(
                &configuration(&[(name, source)]),
                &allowed,
                Flavour::OpenTofu,
            )
            .map_err(|e| e.to_string())
        };
        let ours = accepts("seedling", Some("seedling-dev/seedling"), &[]).unwrap();
        assert_eq!(
            ours.ours.into_iter().collect::<Vec<_>>(),
            ["registry.opentofu.org/seedling-dev/seedling"]
        );
        assert!(
            accepts("random", None, &[])
                .unwrap()
                .others
                .contains("registry.opentofu.org/hashicorp/random")
        );
        assert_eq!(accepts("terraform", None, &[]).unwrap(), Needed::default());
        assert!(
            accepts("azurerm", None, &[])
                .unwrap_err()
                .contains("hashicorp/azurerm")
        );
        assert!(accepts("azurerm", None, &["hashicorp/azurerm"]).is_ok());
        assert!(
            accepts("x", Some("example.com/acme/x"), &["acme/x"])
                .unwrap_err()
                .contains("example.com/acme/x")
        );
        assert!(
            accepts("seedling", None, &[])
                .unwrap_err()
                .contains("required_providers")
        );
    }
}

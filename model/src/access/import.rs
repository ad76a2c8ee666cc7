//! From live role bindings back to arguments.

use std::collections::BTreeMap;

use super::{Args, ROLES};
use crate::{Arg, Object, intent};

/// The arguments of a group's live bindings, and sentences about what was guessed. The group is written as the
/// first binding's annotation says, else as its object id.
pub fn from_live(bindings: &[Object]) -> (Args, Vec<String>) {
    let mut guesses = Vec::new();
    let mut environments: BTreeMap<String, Arg<String>> = BTreeMap::new();
    let mut group = None;
    let mut adopt = Arg::Absent;
    for binding in bindings {
        match intent::read::<Args>(binding) {
            Ok(Some(args)) => {
                group = group.or_else(|| args.group.given().cloned());
                adopt = args.adopt;
            }
            Ok(None) => {}
            Err(problem) => guesses.push(problem),
        }
        let Some(environment) = binding.namespace() else {
            continue;
        };
        let name = binding.at("/roleRef/name").as_str().unwrap_or_default();
        let role = name.strip_prefix("seedling-").unwrap_or(name);
        if !ROLES.contains(&role) {
            guesses.push(format!("The binding {environment}/{} gives the role {name}, which has no name here; it is left out.", binding.name()));
        } else if let Some(other) = environments.insert(environment.to_owned(), role.into()) {
            guesses.push(format!(
                "The group has two roles in {environment}, {} and {role}; the second is taken.",
                other.text()
            ));
        }
    }
    let subject = bindings
        .iter()
        .find_map(|binding| binding.at("/subjects/0/name").as_str().map(str::to_owned));
    let args = Args {
        group: group.or(subject).into(),
        environments: (!environments.is_empty()).then_some(environments).into(),
        adopt,
    };
    (args, guesses)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Context, access, labels};
    use serde_json::json;

    #[test]
    fn with_and_without_the_annotation() {
        let id = "0a1b2c3d-0000-1111-2222-333344445555";
        let args: Args = serde_json::from_value(
            json!({ "group": "Engineers", "environments": { "dev": "edit", "prod": "logs" } }),
        )
        .unwrap();
        let mut bindings = access::render(&args, &Context::default(), id).objects;
        bindings.retain(|object| object.kind() == "RoleBinding");
        assert_eq!(
            from_live(&bindings),
            (
                Args {
                    group: id.into(),
                    ..args.clone()
                },
                Vec::new()
            )
        );
        for binding in &mut bindings {
            binding.annotate(labels::INTENT, &access::intent(&args).to_string());
        }
        assert_eq!(from_live(&bindings), (args, Vec::new()));
    }

    #[test]
    fn what_has_no_name_is_named() {
        let mut binding = access::render(
            &serde_json::from_value(json!({ "environments": { "dev": "view" } })).unwrap(),
            &Context::default(),
            "g",
        )
        .objects
        .remove(0);
        binding.0["roleRef"]["name"] = "cluster-admin".into();
        let (args, guesses) = from_live(&[binding]);
        assert_eq!(args.environments, Arg::Absent);
        assert!(guesses[0].contains("cluster-admin"), "{guesses:?}");
    }
}

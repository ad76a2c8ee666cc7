//! From live objects back to arguments.

use super::Args;
use crate::{Object, intent};

/// The live objects of an environment.
#[derive(Clone, Copy, Debug)]
pub struct LiveObjects<'a> {
    /// The Namespace.
    pub namespace: &'a Object,
}

/// The arguments of a live environment, and sentences about what was guessed. Another tool's namespace keeps its
/// labels, quota and policies: Seedling owns only what its configuration says.
pub fn from_live(live: LiveObjects<'_>) -> (Args, Vec<String>) {
    let name = live.namespace.name();
    let mut guesses = Vec::new();
    match intent::read::<Args>(live.namespace) {
        Ok(Some(args)) => {
            return (
                Args {
                    name: name.into(),
                    ..args
                },
                guesses,
            );
        }
        Ok(None) => {}
        Err(problem) => guesses.push(problem),
    }
    let level = live.namespace.label("pod-security.kubernetes.io/enforce");
    if level.is_none() {
        guesses.push(format!("Namespace {name} enforces no Pod Security Standard, so `pod_security` is read as `privileged`."));
    }
    let args = Args {
        name: name.into(),
        pod_security: level.unwrap_or("privileged").into(),
        ..Args::default()
    };
    (args, guesses)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Context, environment, labels};
    use serde_json::json;

    #[test]
    fn the_annotation_gives_everything_back_but_passwords() {
        let args: Args = serde_json::from_value(json!({
            "name": "prod", "labels": { "tier": "gold" }, "quota": { "cpu": "8" }, "network": "isolated",
            "allow_from": ["web"], "image_pull": { "docker.io": { "username": "u", "password": "hunter2" } },
            "deletion_protection": false
        }))
        .unwrap();
        let mut namespace = environment::render(&args, &Context::default())
            .objects
            .remove(0);
        let intent = environment::intent(&args).to_string();
        assert!(!intent.contains("hunter2"));
        namespace.annotate(labels::INTENT, &intent);
        let (read, guesses) = from_live(LiveObjects {
            namespace: &namespace,
        });
        assert_eq!(guesses, [] as [&str; 0]);
        let without_password: Args =
            serde_json::from_value(serde_json::to_value(&args).unwrap()).unwrap();
        assert_eq!(read, without_password);
    }

    #[test]
    fn a_foreign_namespace_is_read_as_it_is() {
        let namespace = Object::new("v1", "Namespace", None, "old");
        let (args, guesses) = from_live(LiveObjects {
            namespace: &namespace,
        });
        assert_eq!(args.pod_security.text(), "privileged");
        assert_eq!(guesses.len(), 1);
    }

    #[test]
    fn a_newer_annotation_is_named() {
        let mut namespace = Object::new("v1", "Namespace", None, "new");
        namespace.annotate(labels::INTENT, r#"{"version":99,"arguments":{}}"#);
        let (_, guesses) = from_live(LiveObjects {
            namespace: &namespace,
        });
        assert!(guesses[0].contains("version 99"), "{guesses:?}");
    }
}

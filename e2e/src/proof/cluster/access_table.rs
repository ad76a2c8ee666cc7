//! Who may do what: questions with the answers they should get.

use std::path::{Path, PathBuf};

use crate::driver::documents::StateResource;
use crate::proof::ProofError;

/// The hand-written table beside a configuration.
pub const FILE: &str = "access.yaml";

/// One group of the table.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    /// For people; the questions are shown with it.
    name: String,
    group: String,
    #[serde(default)]
    can: Vec<String>,
    #[serde(default)]
    cannot: Vec<String>,
}

/// One question and its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// What people call the group.
    pub who: String,
    /// Object id of the group whose member asks.
    pub group: String,
    /// The namespace.
    pub environment: String,
    /// `get`, `update`, …
    pub verb: String,
    /// `pods`, `pods/log`, `deployments.apps`.
    pub resource: String,
    /// The answer that is right.
    pub allowed: bool,
}

impl std::fmt::Display for Question {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} {} {} in {}",
            self.who, self.verb, self.resource, self.environment
        )
    }
}

impl Question {
    /// API group, resource and subresource.
    pub fn parts(&self) -> (&str, &str, &str) {
        let (resource, subresource) = self
            .resource
            .split_once('/')
            .unwrap_or((&self.resource, ""));
        let (resource, group) = resource.split_once('.').unwrap_or((resource, ""));
        (group, resource, subresource)
    }
}

/// The table beside a root, or beside a folder of several roots.
pub fn find(root: &Path) -> Option<PathBuf> {
    [Some(root), root.parent()]
        .into_iter()
        .flatten()
        .map(|folder| folder.join(FILE))
        .find(|file| file.is_file())
}

/// Reads a table.
pub fn read(file: &Path) -> Result<Vec<Question>, ProofError> {
    let text = std::fs::read_to_string(file).map_err(|source| ProofError::File {
        path: file.into(),
        source,
    })?;
    parse(&text).map_err(|problem| {
        ProofError::broken_with(
            format!("{}: {problem}", file.display()),
            "it is a list of groups: `- name: engineers`, `group: OBJECT-ID`, `can:` and `cannot:` with entries such as \"dev: get pods/log\"",
        )
    })
}

fn parse(text: &str) -> Result<Vec<Question>, String> {
    let entries: Vec<Entry> = serde_yaml_ng::from_str(text).map_err(|error| error.to_string())?;
    let mut questions = Vec::new();
    for entry in &entries {
        for (list, allowed) in [(&entry.can, true), (&entry.cannot, false)] {
            for words in list {
                let question = question(entry, words, allowed);
                questions.push(
                    question.ok_or_else(|| {
                        format!("{words:?} is not \"ENVIRONMENT: VERB RESOURCE\"")
                    })?,
                );
            }
        }
    }
    Ok(questions)
}

fn question(entry: &Entry, words: &str, allowed: bool) -> Option<Question> {
    let (environment, action) = words.split_once(':')?;
    let (verb, resource) = action.trim().split_once(' ')?;
    let text = |part: &str| {
        Some(part.trim().to_owned()).filter(|part| !part.is_empty() && !part.contains(' '))
    };
    Some(Question {
        who: entry.name.clone(),
        group: entry.group.clone(),
        environment: text(environment)?,
        verb: text(verb)?,
        resource: text(resource)?,
        allowed,
    })
}

/// What tells the roles apart: `(verb, resource, roles that may)`. `view`, `edit` and `admin` are the API server's
/// own ClusterRoles (<https://kubernetes.io/docs/reference/access-authn-authz/rbac/#user-facing-roles>); `logs` and
/// `plan` are the provider's.
const TELLING: [(&str, &str, &[&str]); 7] = [
    ("get", "pods", &["view", "edit", "admin", "logs", "plan"]),
    ("get", "pods/log", &["view", "edit", "admin", "logs"]),
    (
        "get",
        "configmaps",
        &["view", "edit", "admin", "logs", "plan"],
    ),
    ("get", "secrets", &["edit", "admin"]),
    (
        "get",
        "deployments.apps",
        &["view", "edit", "admin", "plan"],
    ),
    ("update", "deployments.apps", &["edit", "admin"]),
    (
        "create",
        "rolebindings.rbac.authorization.k8s.io",
        &["admin"],
    ),
];

/// Questions that follow from the roles in a state, for configurations without a table.
pub fn from_roles(access: &StateResource, environments: &[String]) -> Vec<Question> {
    let group = access.text("group");
    let roles = access
        .values
        .get("environments")
        .and_then(|e| e.as_object());
    let mut questions = Vec::new();
    for environment in environments {
        let role = roles
            .and_then(|roles| roles.get(environment))
            .and_then(|role| role.as_str());
        questions.extend(TELLING.iter().map(|(verb, resource, may)| Question {
            who: group.to_owned(),
            group: group.to_owned(),
            environment: environment.clone(),
            verb: (*verb).to_owned(),
            resource: (*resource).to_owned(),
            allowed: role.is_some_and(|role| may.contains(&role)),
        }));
    }
    questions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_read_and_mistakes_are_shown() {
        let text = "- name: dev\n  group: id\n  can: [\"dev: get pods/log\"]\n  cannot: [\"prod: update deployments.apps\"]\n";
        let questions = parse(text).unwrap();
        assert_eq!(questions[0].parts(), ("", "pods", "log"));
        assert_eq!(questions[1].parts(), ("apps", "deployments", ""));
        assert_eq!((questions[0].allowed, questions[1].allowed), (true, false));
        assert_eq!(
            questions[1].to_string(),
            "dev update deployments.apps in prod"
        );
        let wrong = parse("- {name: a, group: b, can: [\"get pods\"]}").unwrap_err();
        assert!(wrong.contains("get pods"), "{wrong}");
        assert!(parse("- {name: a, group: b, may: []}").is_err());
    }
}

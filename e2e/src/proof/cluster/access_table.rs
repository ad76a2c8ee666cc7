//! Who may do what: questions with the answers they should get.

use std::path::{Path, PathBuf};

use crate::driver::documents::StateResource;
use crate::proof::ProofError;

/// The hand-written table beside a configuration.
pub const FILE: &str = "access.csv";
/// Its first line.
pub const HEADER: &str = "group,environment,verb,resource,allowed";

/// One question and its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
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
            self.group, self.verb, self.resource, self.environment
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
    parse(&text).map_err(|(line, problem)| {
        ProofError::broken_with(
            format!("{} line {line}: {problem}", file.display()),
            format!("the first line is `{HEADER}`; then one question a line, such as `6f0c…,dev,get,pods/log,yes`"),
        )
    })
}

fn parse(text: &str) -> Result<Vec<Question>, (usize, String)> {
    let mut lines = text
        .lines()
        .enumerate()
        .map(|(index, line)| (index + 1, line.trim()))
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    match lines.next() {
        Some((_, HEADER)) => {}
        other => {
            return Err((
                other.map_or(1, |(line, _)| line),
                "the header is missing".to_owned(),
            ));
        }
    }
    lines
        .map(|(number, line)| question(line).map_err(|problem| (number, problem)))
        .collect()
}

fn question(line: &str) -> Result<Question, String> {
    let cells: Vec<&str> = line.split(',').map(str::trim).collect();
    let [group, environment, verb, resource, allowed] = cells.as_slice() else {
        return Err(format!("{} cells instead of 5", cells.len()));
    };
    let allowed = match *allowed {
        "yes" => true,
        "no" => false,
        other => return Err(format!("{other:?} is neither yes nor no")),
    };
    Ok(Question {
        group: (*group).to_owned(),
        environment: (*environment).to_owned(),
        verb: (*verb).to_owned(),
        resource: (*resource).to_owned(),
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
    fn tables_are_read_and_mistakes_name_their_line() {
        let text = "# who\ngroup,environment,verb,resource,allowed\nid, dev, get, pods/log, yes\n\nid,prod,update,deployments.apps,no\n";
        let questions = parse(text).unwrap();
        assert_eq!(questions[0].parts(), ("", "pods", "log"));
        assert_eq!(questions[1].parts(), ("apps", "deployments", ""));
        assert_eq!((questions[0].allowed, questions[1].allowed), (true, false));
        assert_eq!(parse("id,dev,get,pods,yes\n").unwrap_err().0, 1);
        let wrong = format!("{HEADER}\nid,dev,get,pods,maybe\n");
        assert_eq!(
            parse(&wrong).unwrap_err(),
            (2, "\"maybe\" is neither yes nor no".to_owned())
        );
    }
}

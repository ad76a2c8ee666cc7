//! Import by the group's object id, of all environments or of those that are named.

use kube::api::ListParams;
use seedling_model::{Object, access, labels};
use seedling_schema::{Diagnostic, ImportReply, ImportRequest, Private, Value};

use super::GroupAccess;
use crate::resources::managed::Managed as _;
use crate::{
    kubernetes::{Cluster, Failure, kinds},
    resources::support::{arguments::state_of, guessed, identity_of},
    session::Session,
};

/// Reads the bindings of a group.
pub async fn import(session: &Session, request: &ImportRequest) -> Result<ImportReply, Diagnostic> {
    let Wanted {
        group_id,
        environments,
    } = Wanted::of(request)?;
    let title = format!("access of group {group_id}");
    let bindings = bindings(session.cluster().await?, &group_id, &environments)
        .await
        .map_err(|failure| read_failed(&failure, &group_id, &environments))?;
    if bindings.is_empty() {
        return Err(Diagnostic::error(
            format!("There is no {title}"),
            format!(
                "No role binding of project `{}` names the group{}. Bindings that other tools made are not imported: a `seedling_group_access` makes its own beside them. Check the id and the provider's `project` and `cluster`.",
                session.context.project,
                within(&environments)
            ),
        ));
    }
    let (args, guesses) = access::from_live(&bindings);
    let mut state = state_of(&args, &GroupAccess.schema())?;
    state.set("group_id", Value::from(group_id.as_str()));
    Ok(ImportReply {
        state: Some(state),
        private: Private::default(),
        identity: Some(identity_of(&[("group_id", &group_id)])),
        diagnostics: guessed(&title, &guesses),
    })
}

fn within(environments: &[String]) -> String {
    if environments.is_empty() {
        String::new()
    } else {
        format!(" in {}", environments.join(", "))
    }
}

/// What is to be imported; no environment stands for all.
#[derive(Debug, PartialEq)]
struct Wanted {
    group_id: String,
    environments: Vec<String>,
}

impl Wanted {
    fn of(request: &ImportRequest) -> Result<Self, Diagnostic> {
        let given = match (&request.id, &request.identity) {
            (Some(id), _) => id.clone(),
            (None, Some(identity)) => identity
                .get("group_id")
                .as_str()
                .unwrap_or_default()
                .to_owned(),
            (None, None) => String::new(),
        };
        Self::parse(&given).ok_or_else(|| {
            Diagnostic::error(
                "Not a valid import id",
                format!("`{given}` was given; the import id is the group's object id, or `object-id/dev,prod` for some of its environments only."),
            )
        })
    }

    fn parse(text: &str) -> Option<Self> {
        let (group, environments) = match text.split_once('/') {
            Some((group, environments)) => (group, environments.split(',').collect()),
            None => (text, Vec::new()),
        };
        let environments: Vec<String> = environments.into_iter().map(str::to_owned).collect();
        let is_whole = environments.iter().all(|name| !name.is_empty());
        is_whole.then_some(Self {
            group_id: access::object_id(group)?,
            environments,
        })
    }
}

async fn bindings(
    cluster: &Cluster,
    group_id: &str,
    environments: &[String],
) -> Result<Vec<Object>, Failure> {
    let selector = ListParams::default().labels(&format!(
        "{}={},{}={},{}={group_id}",
        labels::PROJECT,
        cluster.project(),
        labels::TYPE,
        access::TYPE,
        labels::NAME
    ));
    if environments.is_empty() {
        return cluster.list(kinds::ROLE_BINDING, None, &selector).await;
    }
    let mut found = Vec::new();
    for environment in environments {
        found.extend(
            cluster
                .list(kinds::ROLE_BINDING, Some(environment), &selector)
                .await?,
        );
    }
    Ok(found)
}

fn read_failed(failure: &Failure, group_id: &str, environments: &[String]) -> Diagnostic {
    let mut error = failure.diagnostic(&format!("read the bindings of group {group_id}"));
    if failure.is_forbidden() && environments.is_empty() {
        let some = format!(
            "An identity that may read single environments imports `{group_id}/dev,prod`, naming them."
        );
        error.detail = format!("{} {some}", error.detail);
    }
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_name_a_group_and_perhaps_environments() {
        let id = "5f0c2f4e-8a34-4e0b-9d52-6d0d3c1a7b01";
        let wanted = |environments: &[&str]| {
            Some(Wanted {
                group_id: id.to_owned(),
                environments: environments.iter().map(|name| (*name).to_owned()).collect(),
            })
        };
        assert_eq!(Wanted::parse(id), wanted(&[]));
        assert_eq!(Wanted::parse(&id.to_uppercase()), wanted(&[]));
        assert_eq!(
            Wanted::parse(&format!("{id}/dev,prod")),
            wanted(&["dev", "prod"])
        );
        for wrong in ["", "Engineers", &format!("{id}/"), &format!("{id}/dev,")] {
            assert_eq!(Wanted::parse(wrong), None, "{wrong}");
        }
    }
}

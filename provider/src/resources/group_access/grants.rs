//! A group's role in one environment: the binding, and the Role it needs where that is ours.

use std::collections::BTreeMap;

use seedling_model::{
    Context, Object,
    access::{self, Args},
    labels,
};
use seedling_schema::Diagnostic;

use super::{TYPE_NAME, roles};
use crate::{
    kubernetes::{Bundle, Cluster, kinds, ownership::Verdict},
    session::Session,
};

/// What one entry of `environments` becomes.
pub struct Grant {
    /// The environment's name.
    pub environment: String,
    /// The binding, which leads for itself.
    pub binding: Bundle,
    /// The Role of ours that it refers to.
    pub role: Option<Object>,
}

/// One grant per environment.
pub fn all(session: &Session, args: &Args, group_id: &str) -> Vec<Grant> {
    let mut roles = our_roles(&session.context, args, group_id);
    let intent = access::intent(args).to_string();
    let objects = access::render(args, &session.context, group_id).objects;
    objects
        .into_iter()
        .filter(|object| object.kind() == "RoleBinding")
        .map(|mut binding| {
            binding.annotate(labels::INTENT, &intent);
            let environment = binding.namespace().unwrap_or_default().to_owned();
            Grant {
                role: roles.remove(&environment),
                binding: bundle(group_id, &environment, vec![binding]),
                environment,
            }
        })
        .collect()
}

/// The Roles of ours by environment. Several roots may share one, each with labels of its own in
/// the provider block, so a Role carries none of those.
fn our_roles(context: &Context, args: &Args, group_id: &str) -> BTreeMap<String, Object> {
    let shared = Context {
        labels: BTreeMap::new(),
        ..context.clone()
    };
    let objects = access::render(args, &shared, group_id).objects;
    objects
        .into_iter()
        .filter(|object| object.kind() == "Role")
        .map(|role| (role.namespace().unwrap_or_default().to_owned(), role))
        .collect()
}

/// The bindings of a group in one environment, none of them wanted.
pub fn none(group_id: &str, environment: &str) -> Bundle {
    bundle(group_id, environment, Vec::new())
}

fn bundle(group_id: &str, environment: &str, objects: Vec<Object>) -> Bundle {
    Bundle {
        type_label: access::TYPE,
        type_name: TYPE_NAME,
        name: group_id.to_owned(),
        title: format!("access of group {group_id} to {environment}"),
        import_id: format!("{group_id}/{environment}"),
        namespace: Some(environment.to_owned()),
        objects,
        leading: 0,
    }
}

impl Grant {
    /// Whether this environment may be claimed: nobody else has given the group a role in it.
    pub async fn judge(&self, cluster: &Cluster, adopt: bool) -> Result<Verdict, Diagnostic> {
        let wanted = self.binding.leading().name();
        let live = self.binding.owned(cluster, kinds::ROLE_BINDING).await?;
        let held = live.iter().find(|binding| {
            binding.name() != wanted && binding.annotation(labels::UNFINISHED).is_none()
        });
        if let Some(held) = held {
            return Ok(Verdict::Refuse(Box::new(self.held(held))));
        }
        self.check_role(cluster).await?;
        self.binding
            .judge(cluster, adopt)
            .await
            .map_err(|failure| failure.diagnostic(&format!("look for {}", self.binding.title)))
    }

    /// Refuses a foreign Role in the place of ours.
    pub async fn check_role(&self, cluster: &Cluster) -> Result<(), Diagnostic> {
        match &self.role {
            Some(role) => roles::refuse_foreign(cluster, role).await,
            None => Ok(()),
        }
    }

    fn held(&self, binding: &Object) -> Diagnostic {
        let role = binding.at("/roleRef/name").as_str().unwrap_or_default();
        Diagnostic::error(
            format!("The group has a role in {} already", self.environment),
            format!(
                "RoleBinding/{} of this project gives it `{role}` there, and this state does not hold it: another root, or another `seedling_group_access`, does. One group has one role per environment: leave {} out here, or remove it there. If no state holds it any more, import it with the id `{}`. Nothing was changed.",
                binding.name(),
                self.environment,
                self.binding.import_id,
            ),
        )
    }
}

//! What the cluster has to say to a plan: whether environments can be claimed, and whether the
//! applying identity may give the roles.
//!
//! The API server refuses to give rights that the giver lacks. That check runs in a dry run of the
//! Role and the binding, and only there: an access review knows nothing of it.

use seedling_model::{Object, access::Args};
use seedling_schema::{Diagnostic, Diagnostics, Path, Plan};

use super::{
    grants::{self, Grant},
    group_id,
    writing::role_in,
};
use crate::{
    kubernetes::{Apply, Cluster, Failure, Kind, kinds, ownership::Verdict},
    resources::support::{
        arguments::{arguments, arguments_of_plan},
        plan::announce,
    },
    session::Session,
};

/// Asks about every environment that is new or gets another role.
pub async fn check(session: &Session, plan: &Plan) -> Result<Diagnostics, Diagnostic> {
    let args: Args = arguments_of_plan(plan)?;
    let mut found = Diagnostics::default();
    if args.group.given().is_none() {
        return Ok(found);
    }
    let group_id = group_id(&args)?;
    let prior: Args = if plan.prior.is_null() {
        Args::default()
    } else {
        arguments(&plan.prior)?
    };
    let cluster = session.cluster().await?;
    // A replacement, in either of its plans, has given up what it holds before it creates.
    let is_replaced = !plan.prior.is_null() && plan.changed("group_id");
    let makes_room = is_replaced || (plan.prior.is_null() && !plan.prior_private.is_empty());
    let mut missing = Vec::new();
    for grant in grants::all(session, &args, &group_id) {
        let before = role_in(&prior, &grant.environment);
        if before == role_in(&args, &grant.environment) && !is_replaced {
            continue;
        }
        if !exists(cluster, &grant.environment).await? {
            missing.push(grant.environment);
            continue;
        }
        let inquiry = Inquiry {
            cluster,
            grant: &grant,
        };
        let is_claimed = before.is_none() && !makes_room;
        found.extend(inquiry.ask(is_claimed, args.adopt.or(false)).await);
    }
    if !missing.is_empty() {
        found.push(not_yet(&missing));
    }
    Ok(found)
}

/// Whether the environment is there; whoever may not look is told so by what follows.
async fn exists(cluster: &Cluster, environment: &str) -> Result<bool, Diagnostic> {
    match cluster.read(kinds::NAMESPACE, None, environment).await {
        Ok(namespace) => Ok(namespace.is_some()),
        Err(failure) if failure.is_forbidden() => Ok(true),
        Err(failure) => Err(failure.diagnostic(&format!("look for environment {environment}"))),
    }
}

fn not_yet(environments: &[String]) -> Diagnostic {
    let names = environments.join(", ");
    Diagnostic::warning(
        format!("There is no environment {names} yet"),
        format!("The cluster could not be asked whether access to {names} may be given. Where the environment is made by the same configuration, refer to its resource, `(seedling_environment.….name) = \"…\"`, so that it comes first. If the name is mistyped, the apply will fail."),
    )
    .at(Path::of("environments"))
}

/// The questions about one environment.
struct Inquiry<'a> {
    cluster: &'a Cluster,
    grant: &'a Grant,
}

impl Inquiry<'_> {
    async fn ask(&self, is_claimed: bool, adopt: bool) -> Diagnostics {
        if is_claimed {
            let found = match self.grant.judge(self.cluster, adopt).await {
                Ok(Verdict::Refuse(error)) => return error.at(self.at()).into(),
                Ok(verdict) => announce(&self.grant.binding, verdict),
                Err(error) => return error.into(),
            };
            if !found.is_empty() {
                return found;
            }
        }
        self.may_give().await
    }

    /// Dry runs of what would be written.
    async fn may_give(&self) -> Diagnostics {
        if let Err(error) = self.grant.check_role(self.cluster).await {
            return error.at(self.at()).into();
        }
        let binding = self.grant.binding.leading();
        if let Some(role) = &self.grant.role {
            // The binding would be checked against the Role's rules, and may be refused only for
            // the Role not being there yet.
            return self.dry_run(role, kinds::ROLE).await;
        }
        self.dry_run(binding, kinds::ROLE_BINDING).await
    }

    async fn dry_run(&self, object: &Object, kind: Kind) -> Diagnostics {
        let environment = self.grant.environment.as_str();
        let Err(failure) = self.cluster.apply(object, &Apply::update().dry()).await else {
            return Diagnostics::default();
        };
        match &failure {
            Failure::Forbidden(_) if !self.cluster.may("create", kind, environment).await => {
                Diagnostic::warning(
                    format!("{} could not be checked", self.title()),
                    format!("The identity of the provider's `cluster` block may not create {} in {environment}, so nothing was tried. The identity that applies must hold what it gives.", kind.plural),
                )
                .into()
            }
            Failure::Forbidden(_) => Diagnostic::error(
                format!("{} may not be given", self.title()),
                format!("The API server was asked, without changing anything, and said:\n\n{}\n\nNobody can give rights that they do not hold. Give the applying identity these rights in {environment}, or the verbs `bind` and `escalate` on roles, or let an administrator of the cluster apply this.", shortened(&failure.message())),
            )
            .at(self.at())
            .into(),
            _ => failure
                .diagnostic(&format!("ask the API server about {}", self.grant.binding.title))
                .into(),
        }
    }

    fn title(&self) -> String {
        let role = self.grant.binding.leading().at("/roleRef/name");
        format!(
            "Role {} in {}",
            role.as_str().unwrap_or_default(),
            self.grant.environment
        )
    }

    fn at(&self) -> Path {
        Path::of("environments").key(&self.grant.environment)
    }
}

/// The API server names every right that is lacking, which can be dozens: the first ones tell
/// enough.
const RIGHTS_SHOWN: usize = 6;

fn shortened(message: &str) -> String {
    let lines: Vec<&str> = message.lines().collect();
    let shown = lines.len().min(1 + RIGHTS_SHOWN);
    match lines.len() - shown {
        0 => message.to_owned(),
        more => format!("{}\nand {more} more", lines[..shown].join("\n")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lists_of_rights_are_cut() {
        let rights = |count: usize| "forbidden:\n".to_owned() + &"{right}\n".repeat(count);
        assert_eq!(shortened(&rights(6)), rights(6));
        let cut = shortened(&rights(40));
        assert_eq!(cut.lines().count(), 8);
        assert!(cut.ends_with("\nand 34 more"), "{cut}");
    }
}

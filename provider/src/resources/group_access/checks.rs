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
};
use crate::{
    kubernetes::{Apply, Cluster, Failure, Kind, kinds, ownership::Verdict},
    resources::support::{arguments::arguments, plan::announce},
    session::Session,
};

/// Asks about every environment that is new or gets another role.
pub async fn check(session: &Session, plan: &Plan) -> Result<Diagnostics, Diagnostic> {
    let args: Args = arguments(&plan.config)?;
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
    for grant in grants::all(session, &args, &group_id) {
        let before = prior
            .environments
            .given()
            .and_then(|it| it.get(&grant.environment));
        let after = args
            .environments
            .given()
            .and_then(|it| it.get(&grant.environment));
        if before == after && !is_replaced {
            continue;
        }
        let inquiry = Inquiry {
            cluster,
            grant: &grant,
        };
        let is_claimed = before.is_none() && !makes_room;
        found.extend(inquiry.ask(is_claimed, args.adopt.or(false)).await);
    }
    Ok(found)
}

/// The questions about one environment.
struct Inquiry<'a> {
    cluster: &'a Cluster,
    grant: &'a Grant,
}

impl Inquiry<'_> {
    async fn ask(&self, is_claimed: bool, adopt: bool) -> Diagnostics {
        let environment = self.grant.environment.as_str();
        match self.cluster.read(kinds::NAMESPACE, None, environment).await {
            Ok(None) => return self.no_environment().into(),
            Err(failure) if !failure.is_forbidden() => {
                return failure
                    .diagnostic(&format!("look for environment {environment}"))
                    .into();
            }
            _ => {}
        }
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
        let failure = match self.cluster.apply(object, &Apply::update().dry()).await {
            Ok(_) => return Diagnostics::default(),
            Err(failure) => failure,
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
                format!("The API server was asked, without changing anything, and said:\n\n{}\n\nNobody can give rights that they do not hold. Give the applying identity these rights in {environment}, or the verbs `bind` and `escalate` on roles, or let an administrator of the cluster apply this.", failure.message()),
            )
            .at(self.at())
            .into(),
            _ => failure
                .diagnostic(&format!("ask the API server about {}", self.grant.binding.title))
                .into(),
        }
    }

    fn no_environment(&self) -> Diagnostic {
        let environment = &self.grant.environment;
        Diagnostic::warning(
            format!("There is no environment {environment} yet"),
            format!("The cluster has no namespace of that name, so it could not be asked whether this access may be given. If {environment} is made by the same configuration, refer to its resource, `(seedling_environment.….name) = \"…\"`, so that it comes first; if the name is mistyped, the apply will fail."),
        )
        .at(self.at())
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

//! Create, update and delete: new bindings first, then what is no longer wanted goes.

use std::collections::BTreeSet;

use seedling_model::access::Args;
use seedling_schema::{ApplyReply, ApplyRequest, Diagnostic, Diagnostics, Value};

use super::{
    grants::{self, Grant},
    group_id, roles,
};
use crate::{
    kubernetes::{Apply, Cluster, bundle::created_or_now, kinds},
    resources::support::{
        apply::first_write,
        arguments::{arguments, planned_arguments},
        identity_of, notes,
    },
    session::{Home, Session},
};

/// Gives the group its roles.
pub async fn create(session: &Session, request: &ApplyRequest) -> Result<ApplyReply, Diagnostic> {
    write(session, request, &Args::default()).await
}

/// Changes the group's roles.
pub async fn update(session: &Session, request: &ApplyRequest) -> Result<ApplyReply, Diagnostic> {
    let prior: Args = arguments(&request.prior)?;
    session.home(home(&prior), &request.private).await?;
    write(session, request, &prior).await
}

/// Takes all roles of the prior state away.
pub async fn delete(session: &Session, request: &ApplyRequest) -> Result<Diagnostics, Diagnostic> {
    let prior: Args = arguments(&request.prior)?;
    if session.home(home(&prior), &request.private).await? == Home::Forgotten {
        return Ok(Diagnostics::default());
    }
    let cluster = session.cluster().await?;
    let group_id = group_id(&prior)?;
    for environment in environments(&prior) {
        withdraw(cluster, &group_id, &environment).await?;
    }
    Ok(Diagnostics::default())
}

/// An environment by which the cluster can be recognised.
pub fn home(args: &Args) -> &str {
    let mut environments = args.environments.given().into_iter().flatten();
    environments.next().map_or("default", |(name, _)| name)
}

async fn write(
    session: &Session,
    request: &ApplyRequest,
    prior: &Args,
) -> Result<ApplyReply, Diagnostic> {
    let cluster = session.cluster().await?;
    let args: Args = planned_arguments(request)?;
    let group_id = group_id(&args)?;
    let grants = grants::all(session, &args, &group_id);
    let held = environments(prior);
    // All are judged before the first is written.
    let mut ways = Vec::new();
    for grant in &grants {
        let way = if held.contains(&grant.environment) {
            if role_in(prior, &grant.environment) != role_in(&args, &grant.environment) {
                grant.check_role(cluster).await?;
            }
            Apply::update()
        } else {
            first_write(cluster, grant.judge(cluster, args.adopt.or(false)).await?).await?
        };
        ways.push(way);
    }
    for (grant, how) in grants.iter().zip(&ways) {
        roles::write_with(cluster, grant.role.as_ref(), &grant.binding, how, false).await?;
    }
    let created = created_or_now(notes::created(&request.private));
    finish(cluster, grants, &created).await?;
    for environment in held.difference(&environments(&args)) {
        withdraw(cluster, &group_id, environment).await?;
    }
    let mut private = request.private.clone();
    notes::set_created(&mut private, &created);
    session
        .remember_home(home(&args), &mut private)
        .await
        .map_err(|failure| failure.diagnostic("tell which cluster this is"))?;
    let mut state = request.planned.clone();
    state.set("group_id", Value::from(group_id.as_str()));
    Ok(ApplyReply {
        state: Some(state),
        private,
        identity: Some(identity_of(&[("group_id", &group_id)])),
        diagnostics: Diagnostics::default(),
    })
}

/// Takes the marks off, and then other roles that the group had in the same environments.
async fn finish(cluster: &Cluster, grants: Vec<Grant>, created: &str) -> Result<(), Diagnostic> {
    for grant in grants {
        let binding = grant.binding.created_at(created);
        roles::write_with(
            cluster,
            grant.role.as_ref(),
            &binding,
            &Apply::update(),
            true,
        )
        .await?;
        binding.collect(cluster, &[kinds::ROLE_BINDING]).await?;
        roles::release(cluster, &grant.environment).await?;
    }
    Ok(())
}

/// Removes the group's bindings from an environment.
async fn withdraw(cluster: &Cluster, group_id: &str, environment: &str) -> Result<(), Diagnostic> {
    grants::none(group_id, environment)
        .collect(cluster, &[kinds::ROLE_BINDING])
        .await?;
    roles::release(cluster, environment).await
}

/// The role that arguments give in an environment.
pub fn role_in<'a>(args: &'a Args, environment: &str) -> Option<&'a str> {
    Some(args.environments.given()?.get(environment)?.text())
}

/// The environments that arguments name.
pub fn environments(args: &Args) -> BTreeSet<String> {
    let given = args.environments.given().into_iter().flatten();
    given.map(|(name, _)| name.clone()).collect()
}

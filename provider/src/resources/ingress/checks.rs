//! What the provider block and the cluster have to say to a plan.

use seedling_model::{
    Controller, IngressController,
    ingress::{self, Args, Resolved},
};
use seedling_schema::{Diagnostic, Diagnostics, Path, Plan};

use super::{
    collisions,
    parts::{self, Parts},
    ports, secrets,
};
use crate::{
    kubernetes::{
        Cluster,
        prerequisite::{Lack, Prerequisite},
    },
    resources::support::{
        arguments::{arguments, arguments_of_plan},
        digests, findings,
        plan::check_create,
    },
    session::Session,
};

/// Checks a plan; marks as unknown what only apply can tell.
pub async fn check(session: &Session, plan: &mut Plan) -> Result<Diagnostics, Diagnostic> {
    let args: Args = arguments_of_plan(plan)?;
    let mut found = findings::diagnostics(ingress::check_with(&args, &session.context));
    let is_named = args.environment.given().is_some() && args.name.given().is_some();
    if found.has_errors() || !is_named {
        return Ok(found);
    }
    let cluster = session.cluster().await?;
    let wanted = parts::configured(session)?;
    if !plan.prior.is_null() {
        found.extend(check_move(session, plan, &wanted)?);
        mark_secrets(cluster, plan, &args, &wanted, &mut found).await?;
    }
    if !(plan.is_create() || plan.is_update()) {
        return Ok(found);
    }
    for lack in lacks(cluster, &args, &wanted).await? {
        found.push(lack.warning());
    }
    let parts = planned(session, plan, &args).await?;
    if plan.is_create() && is_known(plan) {
        found.extend(check_create(session, plan, &parts.bundle, args.adopt.or(false)).await);
    } else if plan.is_update() && !args.adopt.or(false) {
        found.extend(check_foreign(session, cluster, plan, &parts).await?);
    }
    if is_new(plan) {
        found.extend(collisions::check(cluster, &args, wanted.controller, &parts).await?);
    }
    Ok(found)
}

/// Everything that this ingress needs and the cluster lacks.
pub async fn lacks(
    cluster: &Cluster,
    args: &Args,
    wanted: &IngressController,
) -> Result<Vec<Lack>, Diagnostic> {
    let mut needed = vec![match wanted.controller {
        Controller::Gateway => {
            let (environment, name) = ingress::gateway_of(args);
            Prerequisite::Gateway(environment, name)
        }
        Controller::IngressNginx => {
            Prerequisite::IngressClass(wanted.class.clone().unwrap_or_else(|| "nginx".to_owned()))
        }
    }];
    let issuer = args.tls.given().and_then(|tls| tls.issuer.given());
    needed.extend(issuer.map(|issuer| Prerequisite::ClusterIssuer(issuer.clone())));
    let mut lacks = Vec::new();
    for prerequisite in needed {
        let lack = prerequisite.lack(cluster).await;
        lacks.extend(lack.map_err(|failure| {
            failure.diagnostic(&format!("look for what {} needs", parts::title(args)))
        })?);
    }
    Ok(lacks)
}

/// The namespace of the certificate: that of whoever reads it.
pub fn certificate_namespace(args: &Args, controller: Controller) -> String {
    match controller {
        Controller::Gateway => ingress::gateway_of(args).0,
        Controller::IngressNginx => args.environment.text().to_owned(),
    }
}

/// Another controller in the provider block changes no argument: the plan is made an update here,
/// and told in words.
fn check_move(
    session: &Session,
    plan: &mut Plan,
    wanted: &IngressController,
) -> Result<Diagnostics, Diagnostic> {
    let now = parts::remembered(session, &plan.prior_private)?;
    if now.controller == wanted.controller {
        return Ok(Diagnostics::default());
    }
    for attribute in ["controller", "address", "certificate_status"] {
        plan.mark_unknown(attribute);
    }
    let args: Args = arguments_of_plan(plan)?;
    let (from, to) = (now.controller.as_str(), wanted.controller.as_str());
    Ok(Diagnostic::warning(
        format!("{} moves from {from} to {to}", parts::title(&args)),
        format!("The provider's `ingress.controller` is another than the one that realises it now. The apply writes the objects of {to}, waits for the new address, and only then removes those of {from}. `address` changes: DNS records that follow it move in the same apply, and until resolvers have noticed, some requests still go to the old address, where nothing answers any more. To move without a gap, lower the records' time to live first."),
    )
    .into())
}

/// Turns a plan without other changes into an update where secrets differ.
async fn mark_secrets(
    cluster: &Cluster,
    plan: &mut Plan,
    args: &Args,
    wanted: &IngressController,
    found: &mut Diagnostics,
) -> Result<(), Diagnostic> {
    let namespace = certificate_namespace(args, wanted.controller);
    let live = match secrets::Live::read(cluster, args, &namespace).await {
        Ok(live) => live,
        Err(failure) if failure.is_forbidden() => {
            found.push(digests::unreadable(&parts::title(args)));
            return Ok(());
        }
        Err(failure) => {
            let doing = format!("read the Secrets of {}", parts::title(args));
            return Err(failure.diagnostic(&doing));
        }
    };
    if secrets::differ(args, &plan.prior, &live).await? {
        plan.mark_unknown("secret_digests");
    }
    Ok(())
}

/// The objects that an apply would write, as far as a plan can tell.
async fn planned(session: &Session, plan: &Plan, args: &Args) -> Result<Parts, Diagnostic> {
    // Without its port a route would be refused by the dry run that tells whether a state was lost.
    let ports = if is_known(plan) {
        let cluster = session.cluster().await?;
        ports::refresh(cluster, args, &plan.prior_private)
            .await
            .map_err(|failure| failure.diagnostic("look for the ports of an ingress"))?
    } else {
        ports::remembered(&plan.prior_private)
    };
    let resolved = Resolved {
        ports,
        htpasswd: args.basic_auth.given().map(|_| String::new()),
    };
    parts::parts(&session.context, args, &resolved)
}

/// What an update would write over.
async fn check_foreign(
    session: &Session,
    cluster: &Cluster,
    plan: &Plan,
    parts: &Parts,
) -> Result<Diagnostics, Diagnostic> {
    let prior = secrets::stored(arguments(&plan.prior)?, &plan.prior_private);
    let now = parts::remembered(session, &plan.prior_private)?;
    let resolved = Resolved {
        htpasswd: Some(String::new()),
        ..Resolved::default()
    };
    let before = parts::parts(&parts::context(session, now), &prior, &resolved)?;
    match parts.foreign(cluster, &before).await {
        Ok(Some(live)) => Ok(parts::refused(&parts.bundle.title, &live).into()),
        Ok(None) => Ok(Diagnostics::default()),
        // Decided at apply.
        Err(failure) if failure.is_forbidden() => Ok(Diagnostics::default()),
        Err(failure) => {
            Err(failure.diagnostic(&format!("look for parts of {}", parts.bundle.title)))
        }
    }
}

/// Secrets may be unknown; what is rendered into other objects may not.
fn is_known(plan: &Plan) -> bool {
    let config = plan.config.as_map();
    config
        .into_iter()
        .flatten()
        .all(|(name, value)| name == "basic_auth" || value.is_wholly_known())
}

/// Whether hosts or paths are new on the entry point.
fn is_new(plan: &Plan) -> bool {
    let followed = ["host", "aliases", "routes", "gateway", "controller"];
    plan.is_create() || followed.iter().any(|name| plan.changed(Path::of(name)))
}

//! `seedling_service`: a program that runs in an environment.
//!
//! One resource is up to eight kinds of objects. [`parts`] renders them and [`secrets`] names what
//! is secret; [`writing`] puts them into the cluster in order; [`rolling`] follows the rollout and
//! rolls back; [`reading`] refreshes; [`dry_run`] asks the API server at plan time; [`removal`]
//! takes everything away again.

mod dry_run;
mod importing;
mod parts;
mod reading;
mod removal;
mod rolling;
mod secrets;
mod storage;
mod strategy;
mod writing;

use async_trait::async_trait;
use seedling_model::service::{self, Args};
use seedling_schema::{
    ApplyReply, ApplyRequest, Attribute, Diagnostic, Diagnostics, Identity, ImportReply,
    ImportRequest, Plan, ReadReply, ReadRequest, Schema, Type, Value,
};

use super::managed::Managed;
use super::support::{
    arguments::{arguments, schema_of},
    drift_attribute, findings,
    plan::check_create,
};
use crate::session::Session;

const TYPE_NAME: &str = "seedling_service";
/// `rollout_status` of a service whose pods are all new and available.
const COMPLETE: &str = "complete";

/// The resource.
pub struct Service;

#[async_trait]
impl Managed for Service {
    fn type_name(&self) -> &'static str {
        TYPE_NAME
    }

    fn schema(&self) -> Schema {
        let strings = || Attribute::map_of(Type::string()).computed();
        schema_of::<Args>()
            .attribute("drift", drift_attribute())
            .attribute("rollout_status", Attribute::string().computed().planned_as(COMPLETE).describe(
                "`complete`, or how far or why not. An unfinished rollout shows in the next plan, and the next apply takes it up again.",
            ))
            .attribute("secret_digests", strings().describe(
                "Variable or path of each secret → keyed digest: changes when the value does and says nothing about it.",
            ))
            .attribute("selector", strings().keeps_prior().describe(
                "The labels by which the Deployment finds its pods; an adopted Deployment keeps its own.",
            ))
    }

    fn identity(&self) -> Identity {
        Identity::new(0)
            .string("environment", true, "The environment the service lives in.")
            .string("name", true, "Name of the service.")
    }

    fn validate(&self, config: &Value) -> Result<Diagnostics, Diagnostic> {
        let args: Args = arguments(config)?;
        Ok(findings::diagnostics(service::check(&args)))
    }

    fn modify_plan(&self, plan: &mut Plan) -> Diagnostics {
        storage::check_change(plan)
    }

    async fn check_plan(
        &self,
        session: &Session,
        plan: &mut Plan,
    ) -> Result<Diagnostics, Diagnostic> {
        if plan.planned.is_null() {
            return Ok(Diagnostics::default());
        }
        let args: Args = arguments(&plan.config)?;
        if args.environment.given().is_none() || args.name.given().is_none() {
            return Ok(Diagnostics::default());
        }
        check_plan(session, plan, &args).await
    }

    async fn create(
        &self,
        session: &Session,
        request: &ApplyRequest,
    ) -> Result<ApplyReply, Diagnostic> {
        writing::create(session, request).await
    }

    async fn read(
        &self,
        session: &Session,
        request: &ReadRequest,
    ) -> Result<ReadReply, Diagnostic> {
        reading::read(session, request).await
    }

    async fn update(
        &self,
        session: &Session,
        request: &ApplyRequest,
    ) -> Result<ApplyReply, Diagnostic> {
        writing::update(session, request).await
    }

    async fn delete(
        &self,
        session: &Session,
        request: &ApplyRequest,
    ) -> Result<Diagnostics, Diagnostic> {
        removal::delete(session, request).await
    }

    async fn import(
        &self,
        session: &Session,
        request: &ImportRequest,
    ) -> Result<ImportReply, Diagnostic> {
        importing::import(session, request).await
    }
}

/// What the cluster has to say to a plan.
async fn check_plan(
    session: &Session,
    plan: &mut Plan,
    args: &Args,
) -> Result<Diagnostics, Diagnostic> {
    let cluster = session.cluster().await?;
    let mut found = Diagnostics::default();
    let live = secrets::known(cluster, args).await?;
    if plan.prior.is_null() {
        if plan.config.is_wholly_known() {
            let bundle = parts::planned(session, args, live.as_ref())?;
            found.extend(check_create(session, plan, &bundle, args.adopt.or(false)).await);
        }
    } else if secrets::differ(args, &plan.prior, live.as_ref()) {
        plan.mark_unknown("secret_digests");
    }
    if !found.has_errors() && (plan.is_create() || plan.is_update()) && args_are_known(plan) {
        found.extend(dry_run::check(session, args, live.as_ref()).await?);
    }
    Ok(found)
}

/// Secrets may be unknown; what is rendered into objects may not.
fn args_are_known(plan: &Plan) -> bool {
    let config = plan.config.as_map();
    config.into_iter().flatten().all(|(name, value)| {
        matches!(name.as_str(), "secrets" | "secret_files") || value.is_wholly_known()
    })
}

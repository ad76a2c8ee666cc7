//! `seedling_gateway`: the entry point that the Gateway API needs.
//!
//! One Gateway with one HTTP listener. Each ingress adds a TLS listener of its own to it, as
//! another field manager, so neither ever overwrites the other.

mod importing;
mod reading;
mod writing;

use async_trait::async_trait;
use seedling_model::{
    Rendered,
    gateway::{self, Args, DEFAULT_NAME},
    labels,
};
use seedling_schema::{
    ApplyReply, ApplyRequest, Attribute, Diagnostic, Diagnostics, Identity, ImportReply,
    ImportRequest, Plan, ReadReply, ReadRequest, Schema, Value,
};

use super::managed::Managed;
use super::support::{
    arguments::{arguments, arguments_of_plan, schema_of, with_default},
    drift_attribute, findings,
    plan::check_create,
};
use crate::{
    kubernetes::{Bundle, prerequisite::Prerequisite},
    session::Session,
};

const TYPE_NAME: &str = "seedling_gateway";
/// A change of these may move the load balancer to another address.
const ADDRESS_FOLLOWS: [&str; 2] = ["internal", "annotations"];

/// The resource.
pub struct Gateway;

/// The one object of a gateway.
fn bundle(session: &Session, args: &Args) -> Bundle {
    let (environment, name) = place(args);
    // A state holds the default name, a configuration need not: the intent is that of both.
    let args = Args {
        name: name.into(),
        ..args.clone()
    };
    let Rendered { mut objects, .. } = gateway::render(&args, &session.context);
    if let Some(gateway) = objects.first_mut() {
        gateway.annotate(labels::INTENT, &gateway::intent(&args).to_string());
    }
    Bundle {
        type_label: gateway::TYPE,
        type_name: TYPE_NAME,
        title: format!("gateway {environment}/{name}"),
        import_id: format!("{environment}/{name}"),
        namespace: Some(environment.to_owned()),
        name: name.to_owned(),
        objects,
        leading: 0,
    }
}

/// Namespace and name of the Gateway.
fn place(args: &Args) -> (&str, &str) {
    (args.environment.text(), args.name.text_or(DEFAULT_NAME))
}

#[async_trait]
impl Managed for Gateway {
    fn type_name(&self) -> &'static str {
        TYPE_NAME
    }

    fn schema(&self) -> Schema {
        with_default(schema_of::<Args>(), "name", DEFAULT_NAME)
            .attribute(
                "address",
                Attribute::string().computed().keeps_prior().describe(
                    "IP address or host name that the controller gave it: what DNS records point to.",
                ),
            )
            .attribute("drift", drift_attribute())
    }

    fn identity(&self) -> Identity {
        Identity::new(0)
            .string("environment", true, "The environment the Gateway lives in.")
            .string("name", true, "Name of the Gateway.")
    }

    fn validate(&self, config: &Value) -> Result<Diagnostics, Diagnostic> {
        let args: Args = arguments(config)?;
        Ok(findings::diagnostics(gateway::check(&args)))
    }

    fn modify_plan(&self, plan: &mut Plan) -> Diagnostics {
        if plan.is_update() && ADDRESS_FOLLOWS.iter().any(|name| plan.changed(*name)) {
            plan.mark_unknown("address");
        }
        Diagnostics::default()
    }

    async fn check_plan(
        &self,
        session: &Session,
        plan: &mut Plan,
    ) -> Result<Diagnostics, Diagnostic> {
        if plan.planned.is_null() {
            return Ok(Diagnostics::default());
        }
        check_plan(session, plan).await
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
        writing::delete(session, request).await
    }

    async fn import(
        &self,
        session: &Session,
        request: &ImportRequest,
    ) -> Result<ImportReply, Diagnostic> {
        importing::import(session, request).await
    }
}

async fn check_plan(session: &Session, plan: &Plan) -> Result<Diagnostics, Diagnostic> {
    let args: Args = arguments_of_plan(plan)?;
    let mut found = findings::diagnostics(gateway::check_with(&args, &session.context));
    if found.has_errors() || plan.is_no_op() {
        return Ok(found);
    }
    if let Some(lack) = lack(session, &args).await? {
        found.push(lack.warning());
    } else if plan.is_create() && plan.config.is_wholly_known() {
        let bundle = bundle(session, &args);
        found.extend(check_create(session, plan, &bundle, args.adopt.or(false)).await);
    }
    Ok(found)
}

/// What the cluster lacks for this Gateway.
async fn lack(
    session: &Session,
    args: &Args,
) -> Result<Option<crate::kubernetes::prerequisite::Lack>, Diagnostic> {
    let Some(class) = gateway::class(args, &session.context) else {
        return Ok(None);
    };
    let cluster = session.cluster().await?;
    Prerequisite::GatewayClass(class)
        .lack(cluster)
        .await
        .map_err(|failure| failure.diagnostic("look for the GatewayClass"))
}

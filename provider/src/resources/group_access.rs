//! `seedling_group_access`: what the members of a group may do in which environment.
//!
//! One role binding per environment, each owned for itself ([`grants`]), so that two roots may give
//! one group access to different environments. The Roles of ours that bindings refer to are shared
//! by all groups of an environment ([`roles`]).

mod checks;
mod grants;
mod importing;
mod reading;
mod roles;
mod writing;

use async_trait::async_trait;
use seedling_model::access::{self, Args};
use seedling_schema::{
    ApplyReply, ApplyRequest, Attribute, Diagnostic, Diagnostics, Identity, ImportReply,
    ImportRequest, Path, Plan, ReadReply, ReadRequest, Schema, Value,
};

use super::managed::Managed;
use super::support::{
    arguments::{arguments, schema_of},
    drift_attribute, findings,
};
use crate::session::Session;

const TYPE_NAME: &str = "seedling_group_access";

/// The resource.
pub struct GroupAccess;

/// The group's object id. Names are not looked up: only the id is safe against renaming.
fn group_id(args: &Args) -> Result<String, Diagnostic> {
    let group = args.group.text();
    access::object_id(group).ok_or_else(|| {
        Diagnostic::error(
            "The group is not given by its object id",
            format!("`{group}` looks like a display name, and names are not looked up. Give the group's object id: `data.azuread_group.….object_id`, `az ad group show --group \"{group}\" --query id`, or the group's page in the Microsoft Entra admin center."),
        )
        .at(Path::of("group"))
    })
}

#[async_trait]
impl Managed for GroupAccess {
    fn type_name(&self) -> &'static str {
        TYPE_NAME
    }

    fn schema(&self) -> Schema {
        schema_of::<Args>()
            .attribute(
                "group_id",
                Attribute::string().computed().keeps_prior().describe(
                    "Object id of the group, in lower case: the subject of its role bindings.",
                ),
            )
            .attribute("drift", drift_attribute())
    }

    fn identity(&self) -> Identity {
        Identity::new(0).string("group_id", true, "Object id of the group.")
    }

    fn validate(&self, config: &Value) -> Result<Diagnostics, Diagnostic> {
        let args: Args = arguments(config)?;
        let mut found = findings::diagnostics(access::check(&args));
        if !found.has_errors()
            && args.group.given().is_some()
            && let Err(error) = group_id(&args)
        {
            found.push(error);
        }
        Ok(found)
    }

    fn modify_plan(&self, plan: &mut Plan) -> Diagnostics {
        if plan.planned.is_null() {
            return Diagnostics::default();
        }
        let group = plan
            .planned
            .get("group")
            .as_str()
            .and_then(access::object_id);
        match group {
            Some(group) => plan.planned.set("group_id", Value::from(group)),
            None => plan.mark_unknown("group_id"),
        }
        if !plan.prior.is_null() && plan.changed("group_id") {
            plan.replace.push(Path::of("group"));
        }
        Diagnostics::default()
    }

    async fn check_plan(
        &self,
        session: &Session,
        plan: &mut Plan,
    ) -> Result<Diagnostics, Diagnostic> {
        if !(plan.is_create() || plan.is_update()) {
            return Ok(Diagnostics::default());
        }
        checks::check(session, plan).await
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

//! `seedling_ingress`: a host name and what answers on it.
//!
//! The provider's `ingress.controller` decides which objects realise it ([`parts`]). On a Gateway
//! the TLS [`listeners`] are entries of a list that somebody else owns; [`secrets`] holds keys and
//! passwords; [`certificate`] tells how far the certificate is; [`collisions`] finds who else
//! answers on the host; [`removal`] takes away what an earlier controller needed.

mod certificate;
mod checks;
mod collisions;
mod importing;
mod listeners;
mod parts;
mod ports;
mod reading;
mod removal;
mod routes;
mod secrets;
mod writing;

use async_trait::async_trait;
use seedling_model::ingress::{self, Args};
use seedling_schema::{
    ApplyReply, ApplyRequest, Attribute, Diagnostic, Diagnostics, Identity, ImportReply,
    ImportRequest, Plan, ReadReply, ReadRequest, Schema, Type, Value,
};

use super::{
    managed::Managed,
    support::{
        arguments::{arguments, schema_of},
        drift_attribute, findings,
    },
};
use crate::session::Session;

const TYPE_NAME: &str = "seedling_ingress";
/// Arguments whose change asks for another certificate.
const CERTIFICATE_FOLLOWS: [&str; 4] = ["tls", "host", "aliases", "gateway"];

/// The resource.
pub struct Ingress;

#[async_trait]
impl Managed for Ingress {
    fn type_name(&self) -> &'static str {
        TYPE_NAME
    }

    fn schema(&self) -> Schema {
        schema_of::<Args>()
            .attribute("address", Attribute::string().computed().keeps_prior().describe(
                "IP address or host name of the entry point: what the DNS records of `hosts` point to.",
            ))
            .attribute("hosts", Attribute::list_of(Type::string()).computed().describe(
                "`host` and `aliases`, for DNS records.",
            ))
            .attribute("certificate_status", Attribute::string().computed().keeps_prior().describe(
                "`ready`, or what is still missing; null without `tls`.",
            ))
            .attribute("controller", Attribute::string().computed().keeps_prior().describe(
                "The controller that realises it: `gateway` or `ingress-nginx`. Another one in the provider block moves it.",
            ))
            .attribute("secret_digests", Attribute::map_of(Type::string()).computed().describe(
                "`tls.key` and `basic_auth/<user>` → keyed digest: changes when the value does and says nothing about it.",
            ))
            .attribute("drift", drift_attribute())
    }

    fn identity(&self) -> Identity {
        Identity::new(0)
            .string("environment", true, "The environment of the ingress.")
            .string("name", true, "Name of the ingress.")
    }

    fn validate(&self, config: &Value) -> Result<Diagnostics, Diagnostic> {
        let args: Args = arguments(config)?;
        Ok(findings::diagnostics(ingress::check(&args)))
    }

    fn modify_plan(&self, plan: &mut Plan) -> Diagnostics {
        if plan.planned.is_null() {
            return Diagnostics::default();
        }
        match planned_hosts(&plan.planned) {
            Some(hosts) => plan.planned.set("hosts", Value::from(hosts)),
            None => plan.mark_unknown("hosts"),
        }
        // What cannot be there is known to be absent.
        if !has_secrets(&plan.config) {
            plan.planned.set("secret_digests", Value::Null);
        }
        if plan.config.get("tls").is_null() {
            plan.planned.set("certificate_status", Value::Null);
        } else if plan.is_update() && CERTIFICATE_FOLLOWS.iter().any(|name| plan.changed(*name)) {
            plan.mark_unknown("certificate_status");
        }
        if plan.is_update() && plan.changed("gateway") {
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

/// Whether there may be a private key or passwords; an unknown value may turn out to be one.
fn has_secrets(config: &Value) -> bool {
    let tls = config.get("tls");
    !config.get("basic_auth").is_null() || tls.is_unknown() || !tls.get("key").is_null()
}

/// `host` and `aliases`, once all of them are known.
fn planned_hosts(planned: &Value) -> Option<Vec<String>> {
    let aliases = planned.get("aliases");
    if !planned.get("host").is_wholly_known() || !aliases.is_wholly_known() {
        return None;
    }
    let host = planned.get("host").as_str()?.to_owned();
    let aliases = aliases.as_list().into_iter().flatten();
    let aliases = aliases.filter_map(|alias| alias.as_str().map(str::to_owned));
    Some(std::iter::once(host).chain(aliases).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn planned(members: Vec<(&str, Value)>) -> Value {
        let members = members
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value));
        Value::Map(members.collect::<BTreeMap<_, _>>())
    }

    #[test]
    fn hosts_are_known_at_plan_as_soon_as_they_can_be() {
        let host = || ("host", Value::from("a.example"));
        assert_eq!(
            planned_hosts(&planned(vec![host()])).unwrap(),
            ["a.example"]
        );
        let alias = Value::List(vec![Value::from("b.example")]);
        assert_eq!(
            planned_hosts(&planned(vec![host(), ("aliases", alias)])).unwrap(),
            ["a.example", "b.example"]
        );
        for unknown in [Value::unknown(), Value::List(vec![Value::unknown()])] {
            assert_eq!(
                planned_hosts(&planned(vec![host(), ("aliases", unknown)])),
                None
            );
        }
    }
}

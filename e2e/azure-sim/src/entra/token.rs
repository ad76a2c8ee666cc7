//! The token endpoint, for applications (Entra docs, "OAuth 2.0 client credentials flow").

use serde_json::{Value, json};
use time::OffsetDateTime;

use super::{AKS_SERVER, Keys, assertion, errors, is_tenant};
use crate::http::{Answer, Refusal};
use crate::simulator::{Context, Handled};
use crate::store::{Application, Directory};

/// A posted form.
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    pub fn get(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(key, _)| key == name);
        found.map_or("", |(_, value)| value.as_str())
    }
}

pub(super) fn issue(context: &mut Context<'_>, tenant: &str) -> Handled {
    let form = Form(context.request.form());
    if !is_tenant(context, tenant) {
        let message = format!(
            "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud."
        );
        return Err(errors::refuse(
            context,
            400,
            "invalid_request",
            90002,
            &message,
        ));
    }
    if form.get("grant_type") != "client_credentials" {
        let message = format!(
            "The app requested an unsupported grant type '{}'.",
            form.get("grant_type")
        );
        return Err(errors::refuse(
            context,
            400,
            "unsupported_grant_type",
            70003,
            &message,
        ));
    }
    let application = application(context, form.get("client_id"))?;
    if form.get("client_assertion").is_empty() {
        check_secret(context, &application, form.get("client_secret"))?;
    } else {
        assertion::check(context, &application, &form, tenant)?;
    }
    let audience = audience(context, form.get("scope"))?;
    let lifetime = context.settings.token;
    let now = OffsetDateTime::now_utc();
    let token = access_token(
        &context.world.directory,
        context.keys,
        context.base,
        &application.object_id,
        &audience,
        now,
        lifetime,
    );
    Ok(Answer::ok(json!({
        "token_type": "Bearer", "expires_in": lifetime, "ext_expires_in": lifetime, "access_token": token,
    })).with("cache-control", "no-store, no-cache"))
}

fn application(context: &mut Context<'_>, id: &str) -> Result<Application, Refusal> {
    let known = context
        .world
        .directory
        .applications
        .iter()
        .find(|app| app.client_id.eq_ignore_ascii_case(id));
    if let Some(found) = known {
        return Ok(found.clone());
    }
    let message = format!(
        "Application with identifier '{id}' was not found in the directory '{}'.",
        context.world.directory.name
    );
    Err(errors::refuse(
        context,
        400,
        "unauthorized_client",
        700_016,
        &message,
    ))
}

fn check_secret(
    context: &mut Context<'_>,
    application: &Application,
    given: &str,
) -> Result<(), Refusal> {
    let id = &application.client_id;
    if given.is_empty() {
        let message = "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.";
        return Err(errors::refuse(
            context,
            401,
            "invalid_client",
            7_000_218,
            message,
        ));
    }
    let Some(secret) = application
        .secrets
        .iter()
        .find(|secret| secret.value == given)
    else {
        let message = format!(
            "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '{id}'."
        );
        return Err(errors::refuse(
            context,
            401,
            "invalid_client",
            7_000_215,
            &message,
        ));
    };
    if secret.expires <= OffsetDateTime::now_utc() {
        let message = format!("The provided client secret keys for app '{id}' are expired.");
        return Err(errors::refuse(
            context,
            401,
            "invalid_client",
            7_000_222,
            &message,
        ));
    }
    Ok(())
}

fn audience(context: &mut Context<'_>, scope: &str) -> Result<String, Refusal> {
    let Some(resource) = scope.strip_suffix("/.default") else {
        let message = format!(
            "The provided request must include a 'scope' input parameter. The provided value for the input parameter 'scope' is not valid. The scope {scope} is not valid."
        );
        return Err(errors::refuse(
            context,
            400,
            "invalid_scope",
            1_002_012,
            &message,
        ));
    };
    known_audience(context, resource)
}

/// The resources that tokens can be had for: Resource Manager and Graph by their public names and as the simulator, and AKS.
pub(super) fn known_audience(context: &mut Context<'_>, resource: &str) -> Result<String, Refusal> {
    let bare = resource.trim_end_matches('/').trim_start_matches("api://");
    if bare == AKS_SERVER
        || super::bearer::MANAGEMENT.contains(&bare)
        || super::bearer::GRAPH.contains(&bare)
        || bare == context.base
    {
        return Ok(resource.to_owned());
    }
    let message = format!(
        "The resource principal named {resource} was not found in the tenant named {}. This can happen if the application has not been installed by the administrator of the tenant.",
        context.world.directory.name
    );
    Err(errors::refuse(
        context,
        400,
        "invalid_resource",
        500_011,
        &message,
    ))
}

/// An access token. Claims: Entra docs, "Access token claims reference".
pub(crate) fn access_token(
    directory: &Directory,
    keys: &Keys,
    base: &str,
    object: &str,
    audience: &str,
    now: OffsetDateTime,
    lifetime: i64,
) -> String {
    let now = now.unix_timestamp();
    let tenant = &directory.tenant;
    let application = directory
        .applications
        .iter()
        .map(|app| (&app.object_id, &app.client_id));
    let identities = directory
        .identities
        .iter()
        .map(|known| (&known.object_id, &known.client_id));
    let client = application
        .chain(identities)
        .find(|(id, _)| id.as_str() == object)
        .map(|(_, client)| client.as_str());
    let mut claims = json!({
        "aud": audience, "iss": format!("{base}/{tenant}/v2.0"), "tid": tenant,
        "iat": now, "nbf": now, "exp": now + lifetime,
        "oid": object, "sub": object, "ver": "2.0", "groups": directory.groups_of(object),
    });
    if let Some(client) = client {
        claims["appid"] = client.into();
        claims["azp"] = client.into();
        claims["idtyp"] = "app".into();
        claims["roles"] = directory.permissions(object).into();
    }
    if let Some(user) = directory.users.iter().find(|user| user.object_id == object) {
        claims["name"] = user.name.as_str().into();
        claims["upn"] = user.principal_name.as_str().into();
        claims["preferred_username"] = user.principal_name.as_str().into();
    }
    keys.sign(&claims)
}

/// A token of somebody else's, good for five minutes as GitHub's are.
pub(crate) fn foreign_token(
    keys: &Keys,
    issuer: &str,
    subject: &str,
    audience: &str,
    now: OffsetDateTime,
) -> String {
    let now = now.unix_timestamp();
    let claims: Value = json!({
        "iss": issuer, "sub": subject, "aud": audience, "iat": now, "nbf": now, "exp": now + 300,
    });
    keys.sign(&claims)
}

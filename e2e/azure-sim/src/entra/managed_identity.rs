//! Managed identities: the instance metadata service of machines and the endpoint of App Service (Entra docs, "How to use managed
//! identities on an Azure VM to acquire an access token"; App Service docs, "REST endpoint reference").

use serde_json::json;
use time::OffsetDateTime;

use super::token::{access_token, known_audience};
use crate::http::{Answer, Refusal};
use crate::simulator::{Context, Handled};
use crate::store::ManagedIdentity;

/// The header that App Service's secret travels in; any value is accepted, none is not.
const SECRET: &str = "x-identity-header";

pub(super) fn of_machine(context: &mut Context<'_>) -> Handled {
    if !context
        .request
        .header("metadata")
        .is_some_and(|value| value.eq_ignore_ascii_case("true"))
    {
        return Err(refuse(
            400,
            "bad_request_102",
            "Required metadata header not specified",
        ));
    }
    issue(context)
}

pub(super) fn of_app_service(context: &mut Context<'_>) -> Handled {
    if context.request.header(SECRET).is_none() {
        return Err(refuse(
            400,
            "bad_request",
            "The X-IDENTITY-HEADER header is missing",
        ));
    }
    issue(context)
}

fn issue(context: &mut Context<'_>) -> Handled {
    let identity = wanted(context)?;
    let resource = context
        .request
        .parameter("resource")
        .unwrap_or_default()
        .to_owned();
    let audience = known_audience(context, &resource)?;
    let now = OffsetDateTime::now_utc();
    let lifetime = context.settings.token;
    let token = access_token(
        &context.world.directory,
        context.keys,
        context.base,
        &identity.object_id,
        &audience,
        now,
        lifetime,
    );
    Ok(Answer::ok(json!({
        "access_token": token,
        "client_id": identity.client_id,
        "expires_in": lifetime.to_string(),
        "expires_on": (now.unix_timestamp() + lifetime).to_string(),
        "ext_expires_in": lifetime.to_string(),
        "not_before": now.unix_timestamp().to_string(),
        "resource": audience,
        "token_type": "Bearer",
    })))
}

/// The identity that is asked for, or the machine's own.
fn wanted(context: &Context<'_>) -> Result<ManagedIdentity, Refusal> {
    let request = context.request;
    let client = request.parameter("client_id");
    let object = request
        .parameter("object_id")
        .or_else(|| request.parameter("principal_id"));
    let resource = request
        .parameter("msi_res_id")
        .or_else(|| request.parameter("mi_res_id"));
    let same = |wanted: Option<&str>, has: &str| {
        wanted.is_none_or(|wanted| wanted.eq_ignore_ascii_case(has))
    };
    let found = context.world.directory.identities.iter().find(|identity| {
        same(client, &identity.client_id)
            && same(object, &identity.object_id)
            && same(resource, &identity.resource_id)
    });
    found
        .cloned()
        .ok_or_else(|| refuse(400, "invalid_request", "Identity not found"))
}

fn refuse(status: u16, error: &str, message: &str) -> Refusal {
    Answer::json(
        status,
        json!({ "error": error, "error_description": message }),
    )
    .into()
}

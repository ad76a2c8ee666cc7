//! Signed assertions in place of a secret: by the application's certificate (Entra docs, "Application authentication certificate
//! credentials"), or by an issuer that it trusts (Entra docs, "Workload identity federation").

use time::OffsetDateTime;

use super::errors;
use super::jwt::Token;
use super::token::Form;
use crate::http::Refusal;
use crate::simulator::Context;
use crate::store::Application;

const KIND: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

pub(super) fn check(
    context: &mut Context<'_>,
    application: &Application,
    form: &Form,
    tenant: &str,
) -> Result<(), Refusal> {
    let token = Token::parse(form.get("client_assertion"));
    let Some(token) = token.filter(|_| form.get("client_assertion_type") == KIND) else {
        return Err(errors::refuse(
            context,
            401,
            "invalid_client",
            50_027,
            "JWT token is invalid or malformed.",
        ));
    };
    if !token.is_alive(OffsetDateTime::now_utc().unix_timestamp()) {
        let message = "Client assertion is not within its valid time range.";
        return Err(errors::refuse(
            context,
            401,
            "invalid_client",
            700_024,
            message,
        ));
    }
    if token
        .claim("iss")
        .eq_ignore_ascii_case(&application.client_id)
    {
        by_certificate(context, application, &token, tenant)
    } else {
        by_federation(context, application, &token)
    }
}

fn by_certificate(
    context: &mut Context<'_>,
    application: &Application,
    token: &Token,
    tenant: &str,
) -> Result<(), Refusal> {
    if !application
        .certificates
        .iter()
        .any(|pem| token.is_signed_by_certificate(pem))
    {
        let message = "Client assertion contains an invalid signature. The key used is not registered with the application.";
        return Err(errors::refuse(
            context,
            401,
            "invalid_client",
            700_027,
            message,
        ));
    }
    let audience = token.claim("aud");
    let endpoint = format!("{}/{tenant}/oauth2/v2.0/token", context.base);
    let own = format!(
        "{}/{}/oauth2/v2.0/token",
        context.base, context.world.directory.tenant
    );
    if !audience.eq_ignore_ascii_case(&endpoint) && !audience.eq_ignore_ascii_case(&own) {
        let message =
            format!("Assertion audience claim '{audience}' does not match the token endpoint.");
        return Err(errors::refuse(
            context,
            401,
            "invalid_client",
            700_023,
            &message,
        ));
    }
    Ok(())
}

fn by_federation(
    context: &mut Context<'_>,
    application: &Application,
    token: &Token,
) -> Result<(), Refusal> {
    let (issuer, subject) = (token.claim("iss").to_owned(), token.claim("sub").to_owned());
    let trusted = application
        .federated
        .iter()
        .find(|known| known.issuer == issuer && known.subject == subject);
    let Some(trusted) = trusted else {
        let message = format!(
            "No matching federated identity record found for presented assertion subject '{subject}'. Check your federated identity credential Subject, Audience and Issuer (presented issuer: '{issuer}') against the presented assertion."
        );
        return Err(errors::refuse(
            context,
            401,
            "invalid_client",
            700_213,
            &message,
        ));
    };
    if !trusted
        .audiences
        .iter()
        .any(|audience| audience == token.claim("aud"))
    {
        let message = format!(
            "No matching federated identity record found for presented assertion audience '{}'.",
            token.claim("aud")
        );
        return Err(errors::refuse(
            context,
            401,
            "invalid_client",
            700_212,
            &message,
        ));
    }
    let keys = trusted
        .keys
        .clone()
        .unwrap_or_else(|| context.keys.public());
    if !token.is_signed_by(&keys) {
        let message = "Client assertion contains an invalid signature.";
        return Err(errors::refuse(
            context,
            401,
            "invalid_client",
            700_027,
            message,
        ));
    }
    Ok(())
}

//! Who sends a request: the bearer token, looked at as the services behind Entra do.

use time::OffsetDateTime;

use super::jwt::Token;
use crate::simulator::Context;

/// Resource Manager's audiences in the public cloud (go-azure-sdk, sdk/environments).
pub(super) const MANAGEMENT: [&str; 2] = [
    "https://management.core.windows.net",
    "https://management.azure.com",
];
/// Microsoft Graph's audiences in the public cloud.
pub(super) const GRAPH: [&str; 2] = [
    "https://graph.microsoft.com",
    "00000003-0000-0000-c000-000000000000",
];

/// Who sends a request.
#[derive(Clone, Debug)]
pub(crate) struct Identity {
    /// The object id.
    pub object: String,
    /// The client id, for applications.
    pub client: String,
}

/// Why a token is not accepted.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Rejection {
    Missing,
    Malformed,
    Expired,
    Audience,
}

/// Who sends this request; the token has to be for Graph or else for Resource Manager.
pub(crate) fn identity(context: &Context<'_>, graph: bool) -> Result<Identity, Rejection> {
    let header = context
        .request
        .header("authorization")
        .ok_or(Rejection::Missing)?;
    let (scheme, token) = header.split_once(' ').ok_or(Rejection::Missing)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(Rejection::Missing);
    }
    let token = Token::parse(token.trim()).ok_or(Rejection::Malformed)?;
    if !token.is_signed_by(&context.keys.public()) {
        return Err(Rejection::Malformed);
    }
    // Tokens live by the machine's clock, also where everything else is stepped: their readers do.
    if !token.is_alive(OffsetDateTime::now_utc().unix_timestamp()) {
        return Err(Rejection::Expired);
    }
    let audience = token.claim("aud").trim_end_matches('/');
    let known = if graph { &GRAPH } else { &MANAGEMENT };
    if !known.contains(&audience) && audience != context.base {
        return Err(Rejection::Audience);
    }
    Ok(Identity {
        object: token.claim("oid").to_owned(),
        client: token.claim("appid").to_owned(),
    })
}

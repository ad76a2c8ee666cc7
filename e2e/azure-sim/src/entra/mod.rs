//! Entra ID: discovery, keys, tokens.

mod assertion;
mod bearer;
mod discovery;
mod errors;
mod github;
mod jwt;
mod managed_identity;
mod token;

pub use github::ISSUER as GITHUB;
pub use jwt::{KeyError, Keys};

pub(crate) use bearer::{Identity, Rejection, identity};
pub(crate) use errors::plain as error;
pub(crate) use token::{access_token, foreign_token};

use http::Method;

use crate::http::Answer;
use crate::simulator::{Context, Handled};

/// The application of AKS's API servers, the same in every cloud (Azure/kubelogin, docs/book/src/concepts/aks.md).
pub const AKS_SERVER: &str = "6dae42f8-4368-4678-94ff-3960e28e3630";

pub(crate) fn route(context: &mut Context<'_>) -> Handled {
    let path = context.request.lower();
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    match (context.request.method.clone(), path.as_slice()) {
        (Method::GET, ["_github", "token"]) => Ok(github::token(context)),
        (Method::GET, ["metadata", "endpoints"]) => Ok(discovery::cloud(context)),
        (Method::GET, ["metadata", "identity", "oauth2", "token"]) => {
            managed_identity::of_machine(context)
        }
        (Method::GET, ["msi", "token"]) => managed_identity::of_app_service(context),
        (Method::GET, ["common", "discovery", "instance"]) => Ok(discovery::instance(context)),
        (
            Method::GET,
            [tenant, ".well-known", "openid-configuration"]
            | [tenant, "v2.0", ".well-known", "openid-configuration"],
        ) => discovery::configuration(context, tenant),
        (Method::GET, [_, "discovery", "v2.0", "keys"]) => Ok(Answer::ok(context.keys.public())),
        (Method::POST, [tenant, "oauth2", "v2.0", "token"]) => token::issue(context, tenant),
        _ => Ok(Answer::empty(404)),
    }
}

/// The tenant that a path names: by id, domain, or as the one that the application belongs to.
fn is_tenant(context: &Context<'_>, named: &str) -> bool {
    let directory = &context.world.directory;
    [
        directory.tenant.as_str(),
        directory.domain.as_str(),
        "common",
        "organizations",
    ]
    .iter()
    .any(|known| known.eq_ignore_ascii_case(named))
}

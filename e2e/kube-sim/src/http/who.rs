//! Who asks: certificate, token, and whom they act for.

use http::HeaderMap;
use http::header::AUTHORIZATION;

use crate::api::{Server, Status};
use crate::authn::User;
use crate::authz::{Attributes, authorize, refusal};

/// The user of a request; a token wins over a certificate that is not there.
pub(super) fn user(
    server: &Server,
    certificate: Option<User>,
    headers: &HeaderMap,
) -> Result<User, Status> {
    let text = |name: &str| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    };
    let user = match (certificate, text(AUTHORIZATION.as_str())) {
        (Some(user), _) => user,
        (None, "") => User::anonymous(),
        (None, header) => {
            let token = header.strip_prefix("Bearer ").map(str::trim);
            let found = token.and_then(|token| server.tokens.user(server.store(), token));
            found.ok_or_else(Status::unauthorized)?
        }
    };
    let name = text("impersonate-user");
    if name.is_empty() {
        if headers.contains_key("impersonate-group") {
            // In the words of Go, which prints the whole structure.
            let groups: Vec<_> = headers
                .get_all("impersonate-group")
                .iter()
                .filter_map(|value| value.to_str().ok())
                .map(|name| format!("{name:?}"))
                .collect();
            return Err(Status::bad_request(format!(
                "requested &user.DefaultInfo{{Name:\"\", UID:\"\", Groups:[]string{{{}}}, Extra:map[string][]string(nil)}} without impersonating a user name",
                groups.join(", ")
            )));
        }
        return Ok(user);
    }
    let groups: Vec<_> = headers
        .get_all("impersonate-group")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .map(str::to_owned)
        .collect();
    let account = name
        .strip_prefix("system:serviceaccount:")
        .and_then(|rest| rest.split_once(':'));
    let (resource, namespace, named) = match account {
        Some((namespace, account)) => ("serviceaccounts", namespace, account),
        None => ("users", "", name),
    };
    may(server, &user, resource, namespace, named)?;
    for group in &groups {
        may(server, &user, "groups", "", group)?;
    }
    Ok(User::impersonated(name, groups))
}

fn may(
    server: &Server,
    user: &User,
    resource: &str,
    namespace: &str,
    name: &str,
) -> Result<(), Status> {
    let what = Attributes {
        verb: "impersonate".to_owned(),
        resource: resource.to_owned(),
        namespace: namespace.to_owned(),
        name: name.to_owned(),
        ..Attributes::default()
    };
    if authorize(server.store(), user, &what).allowed {
        return Ok(());
    }
    Err(refusal(user, &what))
}

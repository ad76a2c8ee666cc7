//! Who is who in the cluster: certificates and kubeconfigs of its parts.

use super::super::authority::{AuthorityError, key_pair};
use super::super::{Access, Authority, BackendError};
use super::layout::Layout;

/// The administrator.
pub(super) const ADMIN: &str = "admin";
pub(super) const CONTROLLERS: &str = "system:kube-controller-manager";
pub(super) const SCHEDULER: &str = "system:kube-scheduler";
/// It registers leases and moves pods of all namespaces on, which no built-in role allows.
pub(super) const KWOK: &str = "kwok";

/// Users and the group that the API server's built-in rules know them by, if that is not their name.
const USERS: [(&str, Option<&str>); 4] = [
    (ADMIN, Some("system:masters")),
    (CONTROLLERS, None),
    (SCHEDULER, None),
    (KWOK, Some("system:masters")),
];

/// Writes the files that the parts are started with; returns the administrator's way in.
pub(super) fn write_all(authority: &Authority, layout: &Layout) -> Result<Access, BackendError> {
    authority.save(&layout.folder)?;
    let server = authority.server(&["127.0.0.1", "localhost", "kubernetes.default.svc"])?;
    layout.write("server.crt", &server.certificate)?;
    layout.write("server.key", &server.key)?;
    let (private, public) = key_pair("service accounts")?;
    layout.write("service-accounts.key", &private)?;
    layout.write("service-accounts.pub", &public)?;
    for (user, group) in USERS {
        let access = access(authority, layout, user, group)?;
        layout.write(&format!("{user}.kubeconfig"), &access.kubeconfig())?;
    }
    let admin = access(authority, layout, ADMIN, Some("system:masters"))?;
    layout.write("admin.crt", &admin.credentials.certificate)?;
    layout.write("admin.key", &admin.credentials.key)?;
    Ok(admin)
}

fn access(
    authority: &Authority,
    layout: &Layout,
    user: &str,
    group: Option<&str>,
) -> Result<Access, AuthorityError> {
    Ok(Access {
        server: format!("https://127.0.0.1:{}", layout.ports.api),
        ca: authority.certificate().to_owned(),
        credentials: authority.client(user, group)?,
    })
}

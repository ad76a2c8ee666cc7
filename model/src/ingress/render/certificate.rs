//! Certificates and the Secrets of an ingress.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::json;

use super::{Factory, Resolved, hosts};
use crate::{Object, ingress::Args};

/// A cert-manager Certificate or a Secret with the given pair in `namespace`; nothing where the Secret exists already.
pub(super) fn render(new: &Factory, namespace: &str) -> Option<Object> {
    let tls = new.args.tls.given()?;
    let name = certificate_name(new.args, namespace);
    if let Some(issuer) = tls.issuer.given() {
        let issuer = json!({ "group": "cert-manager.io", "kind": "ClusterIssuer", "name": issuer });
        let spec = json!({ "secretName": name, "dnsNames": hosts(new.args), "issuerRef": issuer });
        return Some(
            new.object("cert-manager.io/v1", "Certificate", namespace, &name)
                .with("spec", spec),
        );
    }
    let (certificate, key) = (tls.certificate.given()?, tls.key.given()?);
    let data = json!({ "tls.crt": STANDARD.encode(certificate), "tls.key": STANDARD.encode(key.expose()) });
    let secret = new
        .object("v1", "Secret", namespace, &name)
        .with("type", "kubernetes.io/tls".into());
    Some(secret.with("data", data))
}

/// The Secret with users and hashes, as nginx reads it; nothing where the hashes are not known.
pub(super) fn basic_auth(new: &Factory, resolved: &Resolved) -> Option<Object> {
    new.args.basic_auth.given()?;
    let htpasswd = resolved.htpasswd.as_ref()?;
    let secret = new.object(
        "v1",
        "Secret",
        new.args.environment.text(),
        &basic_auth_name(new.args),
    );
    Some(secret.with("data", json!({ "auth": STANDARD.encode(htpasswd) })))
}

/// The name of the Secret with users and hashes.
pub fn basic_auth_name(args: &Args) -> String {
    format!("{}-basic-auth", args.name.text())
}

/// The name of the Certificate and of the Secret it fills; also that of a Secret with a given pair.
pub fn certificate_name(args: &Args, namespace: &str) -> String {
    let (environment, name) = (args.environment.text(), args.name.text());
    if namespace == environment {
        format!("{name}-tls")
    } else {
        format!("{environment}-{name}-tls")
    }
}

/// The Secret that holds the certificate; nothing without TLS.
pub(super) fn secret_in(args: &Args, namespace: &str) -> Option<String> {
    let tls = args.tls.given()?;
    Some(
        tls.secret
            .given()
            .cloned()
            .unwrap_or_else(|| certificate_name(args, namespace)),
    )
}

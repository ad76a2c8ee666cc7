//! How far the certificate is, and what holds it up.
//!
//! An apply never waits for it: an HTTP-01 challenge needs the DNS record, and that needs the
//! address.

use kube::api::ListParams;
use seedling_model::{
    Object,
    ingress::{self, Args},
};
use seedling_schema::{Diagnostic, Path, Value};

use crate::kubernetes::{Cluster, Failure, Kind, conditions, kinds};

const READY: &str = "ready";
/// Annotation by which cert-manager's orders and Secrets name their Certificate.
pub const CERTIFICATE_NAME: &str = "cert-manager.io/certificate-name";

/// The state of the certificate.
#[derive(Debug, PartialEq)]
pub enum Status {
    /// There is no TLS.
    None,
    /// It is there.
    Ready,
    /// It is being issued; the texts say what is known of what holds it up.
    Pending(Vec<String>),
    /// The Secret that `tls.secret` names does not exist.
    Missing(String),
}

impl Status {
    /// The attribute `certificate_status`.
    pub fn value(&self) -> Value {
        match self {
            Self::None => Value::Null,
            Self::Ready => Value::from(READY),
            Self::Pending(_) => Value::from("pending"),
            Self::Missing(_) => Value::from("missing"),
        }
    }

    /// The warning while it is not there.
    pub fn warning(&self, title: &str) -> Option<Diagnostic> {
        let (state, why) = match self {
            Self::None | Self::Ready => return None,
            Self::Pending(reasons) => (
                "pending",
                format!(
                    "{}\n\nAn HTTP-01 challenge needs a DNS record of every host that points to `address`. The next refresh looks again.",
                    reasons.join("\n  ")
                ),
            ),
            Self::Missing(secret) => (
                "missing",
                format!(
                    "{secret} does not exist\n\n`tls.secret` names it: create it there as a Secret of type kubernetes.io/tls, or name another one."
                ),
            ),
        };
        let detail = format!("Until it is there, HTTPS does not answer on the host:\n\n  {why}");
        Some(
            Diagnostic::warning(format!("The certificate of {title} is {state}"), detail)
                .at(Path::of("tls")),
        )
    }
}

/// Looks at the Certificate, or at the Secret that is given by name. `namespace` is that of the
/// certificate.
pub async fn status(cluster: &Cluster, args: &Args, namespace: &str) -> Result<Status, Failure> {
    let Some(tls) = args.tls.given() else {
        return Ok(Status::None);
    };
    if let Some(secret) = tls.secret.given() {
        return existing(cluster, namespace, secret).await;
    }
    if tls.issuer.given().is_none() {
        return Ok(Status::Ready);
    }
    let name = ingress::certificate_name(args, namespace);
    let live = cluster
        .read(kinds::CERTIFICATE, Some(namespace), &name)
        .await?;
    let Some(certificate) = live else {
        let reason = format!("Certificate/{name} is missing; the next apply writes it");
        return Ok(Status::Pending(vec![reason]));
    };
    let ready = conditions::named(&certificate, "Ready");
    if ready.as_ref().is_some_and(conditions::Condition::is_true) {
        return Ok(Status::Ready);
    }
    let mut reasons = told(&certificate);
    for order in others(cluster, kinds::ORDER, namespace).await? {
        if order.annotation(CERTIFICATE_NAME) == Some(&name) {
            reasons.extend(of_acme(&order));
        }
    }
    let hosts = ingress::hosts(args);
    for challenge in others(cluster, kinds::CHALLENGE, namespace).await? {
        let host = challenge.at("/spec/dnsName").as_str().unwrap_or_default();
        if hosts
            .iter()
            .any(|wanted| wanted.trim_start_matches("*.") == host)
        {
            reasons.extend(of_acme(&challenge));
        }
    }
    Ok(Status::Pending(reasons))
}

async fn existing(cluster: &Cluster, namespace: &str, secret: &str) -> Result<Status, Failure> {
    match cluster.read(kinds::SECRET, Some(namespace), secret).await {
        Ok(Some(_)) => Ok(Status::Ready),
        Ok(None) => Ok(Status::Missing(format!(
            "Secret/{secret} in namespace {namespace}"
        ))),
        // Nothing can be said by whoever may not read Secrets.
        Err(failure) if failure.is_forbidden() => Ok(Status::Ready),
        Err(failure) => Err(failure),
    }
}

/// What the Certificate says of itself.
fn told(certificate: &Object) -> Vec<String> {
    let found: Vec<String> = conditions::of(certificate)
        .iter()
        .filter(|condition| condition.kind == "Ready" || condition.kind == "Issuing")
        .map(|condition| {
            format!(
                "Certificate/{}: {}",
                certificate.name(),
                condition.sentence()
            )
        })
        .collect();
    if found.is_empty() {
        let name = certificate.name();
        return vec![format!(
            "Certificate/{name}: cert-manager has not looked at it yet"
        )];
    }
    found
}

/// What an Order or a Challenge says of itself.
fn of_acme(object: &Object) -> Option<String> {
    let state = object.at("/status/state").as_str()?;
    let reason = object.at("/status/reason").as_str().unwrap_or_default();
    if state == "valid" {
        return None;
    }
    let host = object.at("/spec/dnsName").as_str();
    let host = host.map(|host| format!(" for {host}")).unwrap_or_default();
    Some(
        format!("{}{host} is {state}: {reason}", object.kind())
            .trim_end_matches([' ', ':'])
            .to_owned(),
    )
}

/// Objects of other people's kinds: a cluster without the kind, and an identity that may not look,
/// have none.
async fn others(cluster: &Cluster, kind: Kind, namespace: &str) -> Result<Vec<Object>, Failure> {
    let found = cluster
        .list(kind, Some(namespace), &ListParams::default())
        .await;
    match found {
        Err(failure) if failure.is_not_found() || failure.is_forbidden() => Ok(Vec::new()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn reasons_are_told_by_certificate_and_challenge() {
        let certificate = Object(json!({
            "kind": "Certificate", "metadata": {"name": "web-tls"},
            "status": {"conditions": [{"type": "Ready", "status": "False", "reason": "DoesNotExist", "message": "no Secret yet"}]},
        }));
        assert_eq!(
            told(&certificate),
            ["Certificate/web-tls: Ready is False (DoesNotExist): no Secret yet"]
        );
        let challenge = |state: &str, reason: &str| {
            Object(json!({
                "kind": "Challenge", "spec": {"dnsName": "a.example"},
                "status": {"state": state, "reason": reason},
            }))
        };
        assert_eq!(
            of_acme(&challenge("pending", "404 for the token")).as_deref(),
            Some("Challenge for a.example is pending: 404 for the token")
        );
        assert_eq!(
            of_acme(&challenge("pending", "")).as_deref(),
            Some("Challenge for a.example is pending")
        );
        assert_eq!(of_acme(&challenge("valid", "")), None);
    }

    #[test]
    fn only_a_pending_certificate_warns() {
        assert_eq!(Status::Ready.warning("ingress prod/web"), None);
        assert_eq!(Status::None.value(), Value::Null);
        let pending = Status::Pending(vec!["why".to_owned()]);
        assert!(
            pending
                .warning("ingress prod/web")
                .unwrap()
                .detail
                .contains("  why\n")
        );
    }
}

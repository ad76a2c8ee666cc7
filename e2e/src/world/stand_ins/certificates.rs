//! What cert-manager does: certificates for annotated ingresses and gateways, and Secrets for certificates, signed by the harness.

use std::collections::BTreeMap;

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use super::conditions::{Condition, conditions};
use super::kinds::Kind;
use super::view::{View, annotation, is_being_deleted, list, name, namespace, text};
use super::write::{Target, Write};
use crate::backend::Authority;

const CLUSTER_ISSUER: &str = "cert-manager.io/cluster-issuer";
const ISSUER: &str = "cert-manager.io/issuer";
/// Which names a Secret's certificate is for; cert-manager writes it, too.
const ALT_NAMES: &str = "cert-manager.io/alt-names";
const CERTIFICATE_NAME: &str = "cert-manager.io/certificate-name";

/// Certificates for ingresses and gateways that are annotated with an issuer.
pub(super) fn requested(view: &View) -> Vec<Write> {
    let ingresses = view
        .all(Kind::Ingress)
        .map(|ingress| (Kind::Ingress, ingress, hosts_of_ingress(ingress)));
    let gateways = view
        .all(Kind::Gateway)
        .map(|gateway| (Kind::Gateway, gateway, hosts_of_gateway(gateway)));
    let owners = ingresses
        .chain(gateways)
        .filter(|(_, owner, _)| !is_being_deleted(owner));
    owners
        .filter_map(|(kind, owner, hosts)| Some((kind, owner, issuer_reference(owner)?, hosts)))
        .fold(Vec::new(), |mut writes, (kind, owner, issuer, hosts)| {
            writes.extend(hosts.iter().filter_map(|(secret, hosts)| {
                certificate_for(view, (kind, owner), &issuer, secret, hosts)
            }));
            writes
        })
}

/// Host names by the Secret that is to hold their certificate.
type Hosts = BTreeMap<String, Vec<String>>;

fn hosts_of_ingress(ingress: &Value) -> Hosts {
    let entry = |entry: &Value| {
        let hosts = list(&entry["hosts"])
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect();
        (text(entry, "/secretName").to_owned(), hosts)
    };
    list(&ingress["spec"]["tls"])
        .iter()
        .map(entry)
        .filter(|(secret, _)| !secret.is_empty())
        .collect()
}

fn hosts_of_gateway(gateway: &Value) -> Hosts {
    let mut hosts = Hosts::new();
    for listener in list(&gateway["spec"]["listeners"]) {
        let (Some(host), Some(reference)) = (
            listener["hostname"].as_str(),
            list(&listener["tls"]["certificateRefs"]).first(),
        ) else {
            continue;
        };
        let names = hosts
            .entry(text(reference, "/name").to_owned())
            .or_default();
        if !names.iter().any(|known| known == host) {
            names.push(host.to_owned());
        }
    }
    hosts
}

fn issuer_reference(owner: &Value) -> Option<Value> {
    let reference =
        |kind: &str, name: &str| json!({ "group": "cert-manager.io", "kind": kind, "name": name });
    let cluster = annotation(owner, CLUSTER_ISSUER).map(|name| reference("ClusterIssuer", name));
    cluster.or_else(|| annotation(owner, ISSUER).map(|name| reference("Issuer", name)))
}

fn certificate_for(
    view: &View,
    (kind, owner): (Kind, &Value),
    issuer: &Value,
    secret: &str,
    hosts: &[String],
) -> Option<Write> {
    let spec = json!({ "dnsNames": hosts, "issuerRef": issuer, "secretName": secret });
    if let Some(live) = view.get(Kind::Certificate, namespace(owner), secret) {
        let is_ours = list(&live["metadata"]["ownerReferences"])
            .iter()
            .any(|reference| reference["uid"] == owner["metadata"]["uid"]);
        let differs = live["spec"]["dnsNames"] != spec["dnsNames"]
            || live["spec"]["issuerRef"] != spec["issuerRef"];
        return (is_ours && differs)
            .then(|| Write::Merge(Target::of(Kind::Certificate, live), json!({ "spec": spec })));
    }
    let certificate = json!({
        "apiVersion": Kind::Certificate.api_version(),
        "kind": Kind::Certificate.name(),
        "metadata": {
            "namespace": namespace(owner),
            "name": secret,
            "ownerReferences": [{
                "apiVersion": kind.api_version(),
                "kind": kind.name(),
                "name": name(owner),
                "uid": owner["metadata"]["uid"],
                "controller": true,
                "blockOwnerDeletion": true,
            }],
        },
        "spec": spec,
    });
    Some(Write::Create(Kind::Certificate, certificate))
}

/// Issuers that are ready, Secrets for certificates, and the certificates' state.
pub(super) fn issued(view: &View, authority: &Authority) -> Vec<Write> {
    let issuers = [Kind::Issuer, Kind::ClusterIssuer]
        .into_iter()
        .flat_map(|kind| view.all(kind).map(move |issuer| (kind, issuer)));
    let ready = [Condition(
        "Ready",
        true,
        "ACMEAccountRegistered",
        "the harness's authority signs for this issuer",
    )];
    let issuers = issuers.filter_map(|(kind, issuer)| {
        let state = conditions(issuer, &issuer["status"]["conditions"], &ready);
        Write::status(kind, issuer, json!({ "conditions": state }))
    });
    let certificates = view
        .all(Kind::Certificate)
        .filter(|certificate| !is_being_deleted(certificate));
    issuers
        .chain(certificates.filter_map(|certificate| for_certificate(view, authority, certificate)))
        .collect()
}

/// The next write on the way to a ready certificate.
fn for_certificate(view: &View, authority: &Authority, certificate: &Value) -> Option<Write> {
    let secret = view.get(
        Kind::Secret,
        namespace(certificate),
        text(certificate, "/spec/secretName"),
    );
    let names = names(certificate);
    match secret {
        Some(secret) if annotation(secret, ALT_NAMES) == Some(&names.join(",")) => {
            state(certificate, Some(secret))
        }
        _ if !has_issuer(view, certificate) => state(certificate, None),
        _ => issue(authority, certificate, &names, secret),
    }
}

fn names(certificate: &Value) -> Vec<&str> {
    let common = certificate["spec"]["commonName"].as_str();
    let mut names: Vec<_> = list(&certificate["spec"]["dnsNames"])
        .iter()
        .filter_map(Value::as_str)
        .collect();
    names.extend(common.filter(|common| !names.contains(common)));
    names
}

fn has_issuer(view: &View, certificate: &Value) -> bool {
    let issuer = text(certificate, "/spec/issuerRef/name");
    match text(certificate, "/spec/issuerRef/kind") {
        "ClusterIssuer" => view.get(Kind::ClusterIssuer, "", issuer).is_some(),
        _ => view
            .get(Kind::Issuer, namespace(certificate), issuer)
            .is_some(),
    }
}

fn state(certificate: &Value, secret: Option<&Value>) -> Option<Write> {
    let condition = match secret {
        Some(_) => Condition(
            "Ready",
            true,
            "Ready",
            "Certificate is up to date and has not expired",
        ),
        None => Condition(
            "Ready",
            false,
            "DoesNotExist",
            "Issuing certificate as Secret does not exist",
        ),
    };
    let mut status = json!({ "conditions": conditions(certificate, &certificate["status"]["conditions"], &[condition]) });
    if let Some(secret) = secret {
        status["notBefore"] = secret["metadata"]["creationTimestamp"].clone();
        status["revision"] = json!(1);
    }
    Write::status(Kind::Certificate, certificate, status)
}

fn issue(
    authority: &Authority,
    certificate: &Value,
    names: &[&str],
    live: Option<&Value>,
) -> Option<Write> {
    let signed = authority
        .server(names)
        .inspect_err(|error| tracing::warn!(%error, "not issued"))
        .ok()?;
    let encode = |text: &str| BASE64_STANDARD.encode(text);
    let content = json!({
        "metadata": {
            "namespace": namespace(certificate),
            "name": text(certificate, "/spec/secretName"),
            "annotations": {
                ALT_NAMES: names.join(","),
                CERTIFICATE_NAME: name(certificate),
                "cert-manager.io/common-name": names.first(),
                "cert-manager.io/issuer-group": "cert-manager.io",
                "cert-manager.io/issuer-kind": certificate["spec"]["issuerRef"]["kind"],
                "cert-manager.io/issuer-name": certificate["spec"]["issuerRef"]["name"],
            },
        },
        "type": "kubernetes.io/tls",
        "data": {
            "ca.crt": encode(authority.certificate()),
            "tls.crt": encode(&(signed.certificate + authority.certificate())),
            "tls.key": encode(&signed.key),
        },
    });
    Some(match live {
        Some(live) => Write::Merge(Target::of(Kind::Secret, live), content),
        None => Write::Create(Kind::Secret, content),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_annotated_ingress_gets_a_certificate_and_that_a_secret() {
        let authority = Authority::new().unwrap();
        let mut view = View::default();
        view.insert(
            Kind::ClusterIssuer,
            json!({ "metadata": { "name": "letsencrypt" } }),
        );
        view.insert(
            Kind::Ingress,
            json!({
                "metadata": { "namespace": "n", "name": "web", "uid": "u", "annotations": { CLUSTER_ISSUER: "letsencrypt" } },
                "spec": { "tls": [{ "hosts": ["web.example.com"], "secretName": "web-tls" }] },
            }),
        );
        let [Write::Create(Kind::Certificate, certificate)] = &requested(&view)[..] else {
            panic!("{:?}", requested(&view))
        };
        view.insert(Kind::Certificate, certificate.clone());
        assert_eq!(requested(&view), []);

        let secret = issued(&view, &authority)
            .into_iter()
            .find_map(|write| match write {
                Write::Create(Kind::Secret, secret) => Some(secret),
                _ => None,
            });
        view.insert(Kind::Secret, secret.unwrap());
        let ready = issued(&view, &authority)
            .into_iter()
            .any(|write| match write {
                Write::Status(_, status) => {
                    status["revision"] == 1 && status["conditions"][0]["status"] == "True"
                }
                _ => false,
            });
        assert!(ready);
    }

    #[test]
    fn without_its_issuer_a_certificate_stays_unready() {
        let mut view = View::default();
        let spec = json!({ "dnsNames": ["a.example.com"], "secretName": "s", "issuerRef": { "kind": "ClusterIssuer", "name": "none" } });
        view.insert(
            Kind::Certificate,
            json!({ "metadata": { "namespace": "n", "name": "c" }, "spec": spec }),
        );
        let writes = issued(&view, &Authority::new().unwrap());
        assert!(
            matches!(&writes[..], [Write::Status(_, status)] if status["conditions"][0]["reason"] == "DoesNotExist"),
            "{writes:?}"
        );
    }
}

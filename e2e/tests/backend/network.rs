//! Addresses, gateways, certificates.

use libtest_mimic::Failed;
use serde_json::{Value, json};

use crate::cluster::Shared;
use crate::objects::{condition, ingress_of, service_of};

pub async fn addresses(shared: &Shared) -> Result<(), Failed> {
    let namespace = shared.namespace("addresses").await?;
    shared
        .apply(&service_of("web", &namespace, "LoadBalancer"))
        .await?;
    shared
        .apply(&ingress_of("web", &namespace, "web.example.com"))
        .await?;
    for kind in ["Service", "Ingress"] {
        let found = shared
            .until(kind, &namespace, "web", |object| {
                object["status"]["loadBalancer"]["ingress"][0]["ip"].is_string()
            })
            .await?;
        let address: std::net::IpAddr = found["status"]["loadBalancer"]["ingress"][0]["ip"]
            .as_str()
            .unwrap_or_default()
            .parse()?;
        assert!(address.is_loopback(), "{address}");
    }
    Ok(())
}

pub async fn gateway(shared: &Shared) -> Result<(), Failed> {
    let namespace = shared.namespace("gateway").await?;
    shared
        .apply(&json!({
            "apiVersion": "gateway.networking.k8s.io/v1", "kind": "Gateway", "metadata": { "name": "public", "namespace": namespace },
            "spec": { "gatewayClassName": "approuting-istio", "listeners": [{ "name": "http", "port": 80, "protocol": "HTTP" }] },
        }))
        .await?;
    let programmed = shared
        .until("Gateway", &namespace, "public", |gateway| {
            condition(&gateway["status"], "Programmed") == "True"
        })
        .await?;
    assert!(
        programmed["status"]["addresses"][0]["value"].is_string(),
        "{programmed}"
    );
    shared
        .apply(&json!({
            "apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute", "metadata": { "name": "web", "namespace": namespace },
            "spec": { "parentRefs": [{ "name": "public" }], "rules": [{ "backendRefs": [{ "name": "web", "port": 80 }] }] },
        }))
        .await?;
    let parent = |route: &Value| route["status"]["parents"][0].clone();
    shared
        .until("HTTPRoute", &namespace, "web", |route| {
            condition(&parent(route), "Accepted") == "True"
                && condition(&parent(route), "ResolvedRefs") == "False"
        })
        .await?;
    shared
        .apply(&service_of("web", &namespace, "ClusterIP"))
        .await?;
    shared
        .until("HTTPRoute", &namespace, "web", |route| {
            condition(&parent(route), "ResolvedRefs") == "True"
        })
        .await?;
    shared
        .until("Gateway", &namespace, "public", |gateway| {
            gateway["status"]["listeners"][0]["attachedRoutes"] == 1
        })
        .await?;
    Ok(())
}

pub async fn certificate(shared: &Shared) -> Result<(), Failed> {
    let namespace = shared.namespace("certificate").await?;
    let mut ingress = ingress_of("web", &namespace, "web.example.com");
    ingress["metadata"]["annotations"] = json!({ "cert-manager.io/cluster-issuer": "letsencrypt" });
    ingress["spec"]["tls"] = json!([{ "hosts": ["web.example.com"], "secretName": "web-tls" }]);
    shared.apply(&ingress).await?;
    shared
        .until("Certificate", &namespace, "web-tls", |certificate| {
            condition(&certificate["status"], "Ready") == "True"
        })
        .await?;
    let secret = shared
        .until("Secret", &namespace, "web-tls", |secret| {
            secret["type"] == "kubernetes.io/tls"
        })
        .await?;
    for key in ["tls.crt", "tls.key", "ca.crt"] {
        assert!(secret["data"][key].is_string(), "no {key}");
    }
    Ok(())
}

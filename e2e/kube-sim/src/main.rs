//! A cluster of its own: prints where its kubeconfig is, and serves until it is interrupted.

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Parser;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use seedling_kube_sim::http::{Listener, Serving};
use seedling_kube_sim::{Cluster, ClusterOptions};
use serde_json::json;

/// A simulated Kubernetes API for any client.
#[derive(Parser)]
struct Arguments {
    /// Where to listen; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Where to write the administrator's kubeconfig.
    #[arg(long, default_value = "kube-sim.kubeconfig")]
    kubeconfig: PathBuf,
    /// From which uids and name suffixes come: the same gives the same.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_max_level(tracing::Level::WARN)
        .init();
    let arguments = Arguments::parse();
    let authority = Authority::new()?;
    let (certificate, key) =
        authority.sign("kube-apiserver", None, ExtendedKeyUsagePurpose::ServerAuth)?;
    let serving = Serving {
        certificate,
        key,
        client_ca: authority.certificate.clone(),
    };
    let listener = Listener::bind(arguments.listen, &serving).await?;
    let admin = authority.sign(
        "admin",
        Some("system:masters"),
        ExtendedKeyUsagePurpose::ClientAuth,
    )?;
    let config = kubeconfig(listener.address()?, &authority.certificate, &admin);
    std::fs::write(&arguments.kubeconfig, config)?;
    let cluster = Cluster::new(ClusterOptions {
        seed: arguments.seed,
        root_ca: authority.certificate.clone(),
        ..ClusterOptions::default()
    });
    let path = std::path::absolute(&arguments.kubeconfig)?;
    writeln!(std::io::stdout(), "export KUBECONFIG={}", path.display())?;
    tokio::select! {
        () = listener.serve(cluster.server().clone()) => {}
        () = cluster.controllers().run() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
    for (what, count) in cluster.server().uncovered() {
        writeln!(std::io::stderr(), "{count} × {what}")?;
    }
    Ok(())
}

/// Signs this cluster's certificates.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: String,
}

impl Authority {
    fn new() -> Result<Authority, rcgen::Error> {
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::default();
        params
            .distinguished_name
            .push(DnType::CommonName, "kube-sim");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let certificate = params.self_signed(&key)?.pem();
        Ok(Authority {
            issuer: Issuer::new(params, key),
            certificate,
        })
    }

    fn sign(
        &self,
        name: &str,
        group: Option<&str>,
        usage: ExtendedKeyUsagePurpose,
    ) -> Result<(String, String), rcgen::Error> {
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::new(["localhost".to_owned(), "127.0.0.1".to_owned()])?;
        params.distinguished_name.push(DnType::CommonName, name);
        if let Some(group) = group {
            params
                .distinguished_name
                .push(DnType::OrganizationName, group);
        }
        params.extended_key_usages = vec![usage];
        Ok((
            params.signed_by(&key, &self.issuer)?.pem(),
            key.serialize_pem(),
        ))
    }
}

fn kubeconfig(address: SocketAddr, ca: &str, (certificate, key): &(String, String)) -> String {
    use base64::Engine;
    let encode = |text: &str| base64::prelude::BASE64_STANDARD.encode(text);
    json!({
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{ "name": "kube-sim", "cluster": { "server": format!("https://{address}"), "certificate-authority-data": encode(ca) } }],
        "users": [{ "name": "admin", "user": { "client-certificate-data": encode(certificate), "client-key-data": encode(key) } }],
        "contexts": [{ "name": "kube-sim", "context": { "cluster": "kube-sim", "user": "admin" } }],
        "current-context": "kube-sim",
    })
    .to_string()
}

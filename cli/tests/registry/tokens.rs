//! A token server as registries name one in their challenge: it gives a signed token for what somebody may do.
//! (<https://distribution.github.io/distribution/spec/auth/token/>)

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use libtest_mimic::Failed;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

pub const USER: &str = "pipeline";
pub const PASSWORD: &str = "canary-4711-password";
pub const SERVICE: &str = "registry.test";
pub const ISSUER: &str = "seedling-test";
/// Repositories below it may be pulled by everybody.
const PUBLIC: &str = "public/";

/// A running token server.
pub struct Tokens {
    /// Where registries send their clients.
    pub realm: String,
    /// PEM of the certificate that the registry trusts.
    pub certificate: PathBuf,
    task: JoinHandle<()>,
}

impl Drop for Tokens {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Signer {
    key: EcdsaKeyPair,
    certificate: String,
}

impl Tokens {
    pub async fn start(folder: &Path) -> Result<Self, Failed> {
        let key = rcgen::KeyPair::generate()?;
        let certificate =
            rcgen::CertificateParams::new(vec![ISSUER.to_owned()])?.self_signed(&key)?;
        let file = folder.join("tokens.pem");
        std::fs::write(&file, certificate.pem())?;
        let signer = Arc::new(Signer {
            key: EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &key.serialize_der())?,
            certificate: BASE64_STANDARD.encode(certificate.der()),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let realm = format!("http://{}/token", listener.local_addr()?);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, Arc::clone(&signer)));
            }
        });
        Ok(Self {
            realm,
            certificate: file,
            task,
        })
    }
}

async fn answer(mut stream: TcpStream, signer: Arc<Signer>) {
    let mut request = Vec::new();
    let mut part = [0; 4096];
    while !request.windows(4).any(|it| it == b"\r\n\r\n") {
        match stream.read(&mut part).await {
            Ok(count) if count > 0 => request.extend_from_slice(&part[..count]),
            _ => return,
        }
    }
    let request = String::from_utf8_lossy(&request).into_owned();
    let (status, body) = match login(&request) {
        Login::Wrong => (
            "401 Unauthorized",
            json!({ "errors": [{ "code": "UNAUTHORIZED" }] }),
        ),
        login => (
            "200 OK",
            json!({ "token": signer.token(&scopes(&request), &login) }),
        ),
    };
    let body = body.to_string();
    let reply = format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    let _ = stream.write_all(reply.as_bytes()).await;
}

#[derive(PartialEq)]
enum Login {
    Nobody,
    Known,
    Wrong,
}

fn login(request: &str) -> Login {
    let header = request.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("authorization").then_some(value)
    });
    let right = BASE64_STANDARD.encode(format!("{USER}:{PASSWORD}"));
    match header {
        None => Login::Nobody,
        Some(value) if value == format!("Basic {right}") => Login::Known,
        Some(_) => Login::Wrong,
    }
}

/// `GET /token?service=…&scope=repository%3Aacme%2Fapi%3Apull%2Cpush`
fn scopes(request: &str) -> Vec<String> {
    let target = request.split(' ').nth(1).unwrap_or_default();
    let query = target.split_once('?').map_or("", |(_, query)| query);
    let scopes = query.split('&').filter_map(|it| it.strip_prefix("scope="));
    scopes
        .map(|it| {
            it.replace("%3A", ":")
                .replace("%2F", "/")
                .replace("%2C", ",")
        })
        .collect()
}

impl Signer {
    fn token(&self, scopes: &[String], login: &Login) -> String {
        let access: Vec<Value> = scopes
            .iter()
            .filter_map(|scope| {
                let mut parts = scope.split(':');
                let (kind, name, actions) = (parts.next()?, parts.next()?, parts.next()?);
                let allowed = |action: &&str| {
                    *login == Login::Known || (*action == "pull" && name.starts_with(PUBLIC))
                };
                let actions: Vec<&str> = actions.split(',').filter(allowed).collect();
                Some(json!({ "type": kind, "name": name, "actions": actions }))
            })
            .collect();
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap()
            .as_secs();
        let header = json!({ "typ": "JWT", "alg": "ES256", "x5c": [self.certificate] });
        let claims = json!({ "iss": ISSUER, "sub": USER, "aud": SERVICE, "iat": now, "nbf": now - 10, "exp": now + 300,
            "jti": "1", "access": access });
        let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&header), part(&claims));
        let signature = self
            .key
            .sign(&SystemRandom::new(), signed.as_bytes())
            .unwrap();
        format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
    }
}

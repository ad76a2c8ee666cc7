//! The private key of a given certificate, and the users of basic authentication.
//!
//! A key is remembered as a keyed digest. A password is never remembered: the live Secret holds
//! its bcrypt hash, a plan verifies the configured password against it, and only a password that
//! no longer fits is hashed again. Hashes carry a random salt, so their digests need no key.

use std::{collections::BTreeMap, sync::Arc};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use seedling_model::{
    Arg, Object, Secret, digest,
    ingress::{self, Args},
    labels,
};
use seedling_schema::{Diagnostic, Private, Value};
use tokio::task::spawn_blocking;

use crate::{
    kubernetes::{Bundle, Cluster, Failure, kinds},
    resources::support::digests,
};

/// Digest name of the private key.
const KEY: &str = "tls.key";
/// Prefix of the digest names of users.
const USER: &str = "basic_auth/";
/// Key of the Secret that ingress-nginx reads.
const AUTH: &str = "auth";
/// bcrypt's cost: every request of a browser is verified by the controller.
const COST: u32 = 10;

/// What an apply writes.
pub struct Material {
    /// Lines of users and hashes.
    pub htpasswd: Option<String>,
    /// The key of the digest of the private key.
    pub digest_key: Option<Vec<u8>>,
    digests: BTreeMap<String, String>,
}

impl Material {
    /// The `secret_digests` of what is written.
    pub fn digests(&self) -> Value {
        digests::value(self.digests.clone())
    }

    /// Puts the digests' key on the Secret of the private key.
    pub fn annotate(&self, bundle: &mut Bundle) {
        let Some(key) = &self.digest_key else { return };
        let secrets = bundle.objects.iter_mut();
        for secret in secrets.filter(|object| is_key_pair(object)) {
            secret.annotate(labels::DIGEST_KEY, &STANDARD.encode(key));
        }
    }
}

/// Whether this is the Secret of a given certificate.
pub fn is_key_pair(object: &Object) -> bool {
    object.kind() == "Secret" && object.at("/type") == "kubernetes.io/tls"
}

/// The live Secrets of an ingress.
#[derive(Default)]
pub struct Live {
    /// The one with the given certificate.
    pub pair: Option<Arc<Object>>,
    /// The one with users and hashes.
    pub users: Option<Arc<Object>>,
}

impl Live {
    /// Reads both, where the arguments have them. `namespace` is that of the certificate.
    pub async fn read(cluster: &Cluster, args: &Args, namespace: &str) -> Result<Self, Failure> {
        let mut live = Self::default();
        if args
            .tls
            .given()
            .is_some_and(|tls| tls.certificate.given().is_some())
        {
            let name = ingress::certificate_name(args, namespace);
            live.pair = cluster.read(kinds::SECRET, Some(namespace), &name).await?;
        }
        if args.basic_auth.given().is_some() {
            live.users = users(cluster, args).await?;
        }
        Ok(live)
    }

    /// The digests of what they hold.
    pub fn digests(&self) -> BTreeMap<String, String> {
        let mut found = BTreeMap::new();
        if let Some(pair) = &self.pair
            && let Some(key) = digests::data_of(pair).remove(KEY)
        {
            let secret = digests::key_of(pair).unwrap_or_default();
            found.extend(digest::digests(
                &BTreeMap::from([(KEY.to_owned(), key)]),
                &secret,
            ));
        }
        let hashes = self.users.as_deref().map(hashes).unwrap_or_default();
        found.extend(of_hashes(&hashes));
        found
    }
}

/// The live Secret with users and hashes.
pub async fn users(cluster: &Cluster, args: &Args) -> Result<Option<Arc<Object>>, Failure> {
    let (environment, name) = (args.environment.text(), ingress::basic_auth_name(args));
    cluster.read(kinds::SECRET, Some(environment), &name).await
}

fn of_hashes(hashes: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let named = hashes
        .iter()
        .map(|(user, hash)| (format!("{USER}{user}"), hash.clone().into_bytes()));
    digest::digests(&named.collect(), &[])
}

/// User → hash.
fn hashes(secret: &Object) -> BTreeMap<String, String> {
    let data = digests::data_of(secret).remove(AUTH).unwrap_or_default();
    let text = String::from_utf8(data).unwrap_or_default();
    let lines = text.lines().filter_map(|line| line.split_once(':'));
    lines
        .map(|(user, hash)| (user.to_owned(), hash.trim().to_owned()))
        .collect()
}

/// Private note: who may call, so that the objects follow from it even where the live Secret has
/// lost its content.
const USERS: &str = "users";

/// Notes the users.
pub fn remember_users<'a>(private: &mut Private, users: impl Iterator<Item = &'a String>) {
    private.set(USERS, users.cloned().collect::<Vec<_>>());
}

/// Notes the users of a live Secret of ours.
pub fn remember_live_users(private: &mut Private, secret: &Object) {
    remember_users(private, hashes(secret).keys());
}

/// The arguments of a state, with everything from which its objects follow: the users that the
/// notes remember, and an empty key where there is a certificate.
pub fn stored(mut args: Args, private: &Private) -> Args {
    if let Arg::Given(tls) = &mut args.tls
        && tls.certificate.given().is_some()
    {
        tls.key = Arg::Given(Secret::default());
    }
    let users = private.get(USERS).and_then(|note| note.as_array());
    let users: BTreeMap<_, _> = users
        .into_iter()
        .flatten()
        .filter_map(|user| Some((user.as_str()?.to_owned(), Arg::Absent)))
        .collect();
    if !users.is_empty() {
        args.basic_auth = Arg::Given(users);
    }
    args
}

/// Whether the configured values differ from the ones that the state's digests stand for.
pub async fn differ(args: &Args, prior: &Value, live: &Live) -> Result<bool, Diagnostic> {
    let wanted = ingress::secret_data(args).unwrap_or_default();
    let remembered = prior.get("secret_digests").as_map();
    let names: Vec<&String> = remembered
        .into_iter()
        .flatten()
        .map(|(name, _)| name)
        .collect();
    if args.basic_auth.is_unknown() || names != wanted.keys().collect::<Vec<_>>() {
        return Ok(true);
    }
    if digests::value(live.digests()) != *prior.get("secret_digests") {
        return Ok(true);
    }
    if let Some(key) = wanted.get(KEY) {
        let secret = live
            .pair
            .as_deref()
            .and_then(digests::key_of)
            .unwrap_or_default();
        let digest = digest::digests(&BTreeMap::from([(KEY.to_owned(), key.clone())]), &secret);
        if prior.get("secret_digests").get(KEY).as_str() != digest.get(KEY).map(String::as_str) {
            return Ok(true);
        }
    }
    let hashes = live.users.as_deref().map(hashes).unwrap_or_default();
    let unfit = blocking(passwords(args), hashes, |password, hash| {
        Ok((!fits(password, hash)).then(String::new))
    })
    .await?;
    Ok(!unfit.is_empty())
}

/// What this apply writes. Reads the live Secrets for keys and hashes that can stay.
pub async fn material(
    cluster: &Cluster,
    args: &Args,
    namespace: &str,
) -> Result<Material, Diagnostic> {
    let title = super::parts::title(args);
    let live = Live::read(cluster, args, namespace)
        .await
        .map_err(|failure| failure.diagnostic(&format!("read the Secrets of {title}")))?;
    let wanted = ingress::secret_data(args).unwrap_or_default();
    let mut digests = BTreeMap::new();
    let mut digest_key = None;
    if let Some(key) = wanted.get(KEY) {
        let secret = match live.pair.as_deref().and_then(digests::key_of) {
            Some(secret) => secret,
            None => digests::new_key()?,
        };
        digests.extend(digest::digests(
            &BTreeMap::from([(KEY.to_owned(), key.clone())]),
            &secret,
        ));
        digest_key = Some(secret);
    }
    let mut htpasswd = None;
    if args.basic_auth.given().is_some() {
        let known = live.users.as_deref().map(hashes).unwrap_or_default();
        let hashes = blocking(passwords(args), known, |password, hash| {
            if fits(password, hash) {
                Ok(hash.map(str::to_owned))
            } else {
                hashed(password).map(Some)
            }
        })
        .await?;
        digests.extend(of_hashes(&hashes));
        let lines = hashes.iter().map(|(user, hash)| format!("{user}:{hash}\n"));
        htpasswd = Some(lines.collect());
    }
    Ok(Material {
        htpasswd,
        digest_key,
        digests,
    })
}

fn passwords(args: &Args) -> BTreeMap<String, String> {
    let users = args.basic_auth.given().into_iter().flatten();
    users
        .filter_map(|(user, password)| Some((user.clone(), password.given()?.expose().to_owned())))
        .collect()
}

/// Works on each user's password and live hash, off the threads that serve requests: bcrypt is
/// slow on purpose.
async fn blocking(
    passwords: BTreeMap<String, String>,
    hashes: BTreeMap<String, String>,
    work: fn(&str, Option<&str>) -> Result<Option<String>, bcrypt::BcryptError>,
) -> Result<BTreeMap<String, String>, Diagnostic> {
    let all = spawn_blocking(move || {
        let mut found = BTreeMap::new();
        for (user, password) in passwords {
            if let Some(answer) = work(&password, hashes.get(&user).map(String::as_str))? {
                found.insert(user, answer);
            }
        }
        Ok::<_, bcrypt::BcryptError>(found)
    });
    let failed = |error: String| {
        Diagnostic::error(
            "Passwords could not be hashed",
            format!("{error}. Nothing of `basic_auth` was written; apply again."),
        )
    };
    all.await
        .map_err(|error| failed(error.to_string()))?
        .map_err(|error| failed(error.to_string()))
}

fn fits(password: &str, hash: Option<&str>) -> bool {
    // A hash of another kind does not fit and is replaced.
    hash.is_some_and(|hash| bcrypt::verify(password, hash).unwrap_or(false))
}

/// In the version that htpasswd writes.
fn hashed(password: &str) -> Result<String, bcrypt::BcryptError> {
    Ok(bcrypt::hash_with_result(password, COST)?.format_for_version(bcrypt::Version::TwoY))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn secret(lines: &str) -> Object {
        Object(json!({"kind": "Secret", "data": {"auth": STANDARD.encode(lines)}}))
    }

    #[test]
    fn a_password_is_hashed_once() {
        let hash = hashed("s3cret").unwrap();
        assert!(hash.starts_with("$2y$10$"), "{hash}");
        assert!(fits("s3cret", Some(&hash)));
        for (password, hash) in [
            ("other", Some(hash.as_str())),
            ("s3cret", Some("plain")),
            ("s3cret", None),
        ] {
            assert!(!fits(password, hash), "{password} {hash:?}");
        }
    }

    #[test]
    fn users_are_read_from_the_live_secret_and_remembered_by_name() {
        let live = Live {
            users: Some(Arc::new(secret("ann:$2y$10$x\nbob:$2y$10$y\n"))),
            pair: None,
        };
        let digests = live.digests();
        assert_eq!(
            digests.keys().collect::<Vec<_>>(),
            ["basic_auth/ann", "basic_auth/bob"]
        );
        let mut private = Private::default();
        remember_live_users(&mut private, live.users.as_deref().unwrap());
        let args = stored(Args::default(), &private);
        assert_eq!(args.basic_auth.given().map(BTreeMap::len), Some(2));
    }

    #[tokio::test]
    async fn only_what_no_longer_fits_differs() {
        let lines = format!("ann:{}\n", hashed("one").unwrap());
        let live = Live {
            users: Some(Arc::new(secret(&lines))),
            pair: None,
        };
        let digests = Value::from(live.digests());
        let prior = Value::Map(BTreeMap::from([("secret_digests".to_owned(), digests)]));
        for (users, expected) in [
            (json!({"ann": "one"}), false),
            (json!({"ann": "two"}), true),
            (json!({"ann": "one", "bob": "one"}), true),
            (json!({}), true),
        ] {
            let args = serde_json::from_value(json!({"basic_auth": users})).unwrap();
            assert_eq!(
                differ(&args, &prior, &live).await.unwrap(),
                expected,
                "{users}"
            );
        }
    }
}

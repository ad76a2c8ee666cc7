//! Logins at image registries: the Secret `seedling-pull` and the digests that show a change.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use seedling_model::{
    Object, digest,
    environment::{self, Args, PULL_SECRET},
    labels,
};
use seedling_schema::{Diagnostic, Diagnostics, Plan, Private, Value};

use crate::{
    kubernetes::{Bundle, Cluster, kinds},
    resources::support::digests,
    session::Session,
};

/// Docker Hub as the kubelet knows it, and as people write it.
const HUB: (&str, &str) = ("https://index.docker.io/v1/", "docker.io");

/// Puts the digests' key on the Secret that is about to be written and notes it; gives the
/// digests.
pub async fn prepare(
    cluster: &Cluster,
    args: &Args,
    bundle: &mut Bundle,
    private: &mut Private,
) -> Result<Value, Diagnostic> {
    let Some(data) = environment::secret_data(args) else {
        return Ok(Value::Null);
    };
    let live = cluster
        .get(kinds::SECRET, Some(args.name.text()), PULL_SECRET)
        .await
        .map_err(|failure| failure.diagnostic(&format!("read Secret/{PULL_SECRET}")))?;
    let key = match live.as_ref().and_then(digests::key_of) {
        Some(key) => key,
        None => digests::new_key()?,
    };
    for object in bundle
        .objects
        .iter_mut()
        .filter(|object| object.kind() == "Secret")
    {
        object.annotate(labels::DIGEST_KEY, &STANDARD.encode(&key));
    }
    digests::remember_key(private, &key);
    Ok(digests::value(digest::digests(&data, &key)))
}

/// What a refresh expects of the Secret; `None` where no login is configured.
pub fn shell(session: &Session, args: &Args) -> Option<Object> {
    args.image_pull
        .given()
        .filter(|logins| !logins.is_empty())?;
    let name = args.name.text();
    let of = (environment::TYPE, name);
    let shell = digests::shell(&session.context, of, name, PULL_SECRET);
    Some(shell.with("type", "kubernetes.io/dockerconfigjson".into()))
}

/// The digests of what the live Secret holds; null without one.
pub fn digests_of(secret: Option<&Object>) -> Value {
    let Some(secret) = secret else {
        return Value::Null;
    };
    let key = digests::key_of(secret).unwrap_or_default();
    digests::value(digest::digests(&logins(secret), &key))
}

/// Turns a plan without other changes into an update where the configured logins differ from the
/// live ones.
pub async fn check_plan(session: &Session, plan: &mut Plan, args: &Args) -> Diagnostics {
    let configured = match wanted(session, args).await {
        Ok(configured) => configured,
        Err(diagnostic) => return diagnostic.into(),
    };
    if configured.as_ref() != Some(plan.prior.get("pull_digests")) {
        plan.mark_unknown("pull_digests");
    }
    Diagnostics::default()
}

/// Digests of the configured logins with the live key; `None` where there is no key to compare by.
async fn wanted(session: &Session, args: &Args) -> Result<Option<Value>, Diagnostic> {
    let Some(data) = environment::secret_data(args) else {
        return Ok(Some(Value::Null));
    };
    let cluster = session.cluster().await?;
    match cluster
        .read(kinds::SECRET, Some(args.name.text()), PULL_SECRET)
        .await
    {
        Ok(live) => Ok(live
            .as_deref()
            .and_then(digests::key_of)
            .map(|key| digests::value(digest::digests(&data, &key)))),
        // The read has warned already; the prior digests stand.
        Err(failure) if failure.is_forbidden() => Ok(None),
        Err(failure) => Err(failure.diagnostic(&format!("read Secret/{PULL_SECRET}"))),
    }
}

/// Registry → `user:password`, as [`environment::secret_data`] has it.
fn logins(secret: &Object) -> BTreeMap<String, Vec<u8>> {
    let data = digests::data_of(secret);
    let config = data
        .get(".dockerconfigjson")
        .map(Vec::as_slice)
        .unwrap_or_default();
    let config: serde_json::Value = serde_json::from_slice(config).unwrap_or_default();
    let auths = config["auths"].as_object();
    auths
        .into_iter()
        .flatten()
        .filter_map(|(registry, login)| {
            let registry = if registry == HUB.0 { HUB.1 } else { registry };
            Some((
                registry.to_owned(),
                STANDARD.decode(login["auth"].as_str()?).ok()?,
            ))
        })
        .collect()
}

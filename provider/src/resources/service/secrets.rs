//! The service's Secret: named by its content under a random key, and described in the state by
//! keyed digests only.
//!
//! The key lives in an annotation of the live Secret. Create, and an update that finds no live
//! Secret, draws one; every later Secret inherits it.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use seedling_model::{
    Arg, Object, Secret, digest, labels,
    service::{self, Args, data_key},
};
use seedling_schema::{Diagnostic, Value};

use crate::{
    kubernetes::{Bundle, Cluster, Failure, kinds},
    resources::support::digests,
};

/// What the newest live Secret of the service holds, by variable or path.
pub struct LiveSecret {
    pub key: Vec<u8>,
    pub data: BTreeMap<String, Vec<u8>>,
}

/// What an apply writes.
pub struct Material {
    pub key: Vec<u8>,
    pub name: String,
    pub data: BTreeMap<String, Vec<u8>>,
}

impl Material {
    /// The `secret_digests` of these values.
    pub fn digests(&self) -> Value {
        digests::value(digest::digests(&self.data, &self.key))
    }

    /// Texts to be blacked out of messages.
    pub fn texts(&self) -> Vec<String> {
        self.data
            .values()
            .filter_map(|bytes| String::from_utf8(bytes.clone()).ok())
            .collect()
    }
}

/// The live Secret as a plan knows it: from the list that all refreshes share. `None` where there
/// is none, or where it may not be read: apply reports that where it matters.
pub async fn known(cluster: &Cluster, args: &Args) -> Result<Option<LiveSecret>, Diagnostic> {
    if service::secret_keys(args).is_empty() {
        return Ok(None);
    }
    match cluster.known(kinds::SECRET, args.environment.text()).await {
        Ok(found) => Ok(newest(args, found.iter().map(AsRef::as_ref))),
        Err(failure) if failure.is_forbidden() => Ok(None),
        Err(failure) => Err(unreadable(&failure, args)),
    }
}

/// The same for an apply, which must be able to read it: else each would draw a new key.
async fn live(cluster: &Cluster, args: &Args) -> Result<Option<LiveSecret>, Diagnostic> {
    let found = cluster
        .known(kinds::SECRET, args.environment.text())
        .await
        .map_err(|failure| unreadable(&failure, args))?;
    Ok(newest(args, found.iter().map(AsRef::as_ref)))
}

/// The newest Secret of the service that has a key.
fn newest<'a>(args: &Args, found: impl IntoIterator<Item = &'a Object>) -> Option<LiveSecret> {
    let secret = found
        .into_iter()
        .filter(|secret| secret.label(labels::TYPE) == Some(service::TYPE))
        .filter(|secret| secret.label(labels::NAME) == Some(args.name.text()))
        .filter(|secret| digests::key_of(secret).is_some())
        .max_by_key(|secret| secret.at("/metadata/creationTimestamp").as_str())?;
    Some(LiveSecret {
        key: digests::key_of(secret)?,
        data: named_data(secret, service::secret_keys(args)),
    })
}

fn unreadable(failure: &Failure, args: &Args) -> Diagnostic {
    let (environment, name) = (args.environment.text(), args.name.text());
    failure.diagnostic(&format!(
        "read the Secret of {environment}/{name}, which `secrets` and `secret_files` need"
    ))
}

/// A Secret's data by variable or path. File keys are hashes of paths, so the paths must be known.
pub fn named_data(
    secret: &Object,
    known: impl IntoIterator<Item = String>,
) -> BTreeMap<String, Vec<u8>> {
    let paths: BTreeMap<String, String> = known
        .into_iter()
        .filter(|name| name.starts_with('/'))
        .map(|path| (data_key(&path), path))
        .collect();
    digests::data_of(secret)
        .into_iter()
        .map(|(key, value)| (paths.get(&key).cloned().unwrap_or(key), value))
        .collect()
}

/// The name a plan can foresee.
pub fn planned_name(args: &Args, live: Option<&LiveSecret>) -> Option<String> {
    let data = service::secret_data(args)?;
    let key = live.map(|live| live.key.as_slice()).unwrap_or_default();
    Some(service::secret_name(args.name.text(), &data, key))
}

/// Whether the configured values differ from the ones that the state's digests stand for.
pub fn differ(args: &Args, prior: &Value, live: Option<&LiveSecret>) -> bool {
    let remembered = prior.get("secret_digests");
    let Some(data) = service::secret_data(args) else {
        return !remembered.is_null();
    };
    let Some(live) = live else {
        return true;
    };
    if keeps_values(args, prior) {
        let keys = service::secret_keys(args);
        return remembered
            .as_map()
            .is_none_or(|it| !it.keys().eq(keys.iter()));
    }
    digests::value(digest::digests(&data, &live.key)) != *remembered
}

/// With `secrets_version`, values are written only on create and on a new version.
fn keeps_values(args: &Args, prior: &Value) -> bool {
    let version = args.secrets_version.given();
    version.is_some() && prior.get("secrets_version").as_str() == version.map(String::as_str)
}

/// What this apply writes; `None` where the service has no secrets. Fills `args` with live values
/// where `secrets_version` says to keep them.
pub async fn material(
    cluster: &Cluster,
    args: &mut Args,
    prior: &Value,
) -> Result<Option<Material>, Diagnostic> {
    if service::secret_keys(args).is_empty() {
        return Ok(None);
    }
    let live = live(cluster, args).await?;
    if let Some(live) = live.as_ref().filter(|_| keeps_values(args, prior)) {
        keep(&mut args.secrets, live);
        keep(&mut args.secret_files, live);
    }
    let key = match live {
        Some(live) => live.key,
        None => digests::new_key()?,
    };
    let data = service::secret_data(args).unwrap_or_default();
    let name = service::secret_name(args.name.text(), &data, &key);
    Ok(Some(Material { key, name, data }))
}

fn keep(values: &mut Arg<BTreeMap<String, Arg<Secret>>>, live: &LiveSecret) {
    if let Arg::Given(values) = values {
        for (name, value) in values.iter_mut() {
            let kept = live
                .data
                .get(name)
                .and_then(|it| String::from_utf8(it.clone()).ok());
            if let Some(kept) = kept {
                *value = Arg::Given(Secret::from(kept));
            }
        }
    }
}

/// Removes the Secret of the last apply where this one wrote another. It goes by its name: whoever
/// changed its key may have changed its labels too, and then no list of ours has it.
pub async fn forget(
    cluster: &Cluster,
    args: &Args,
    material: Option<&Material>,
    remembered: Option<String>,
) -> Result<(), Diagnostic> {
    let Some(old) = remembered.filter(|old| material.is_none_or(|new| new.name != *old)) else {
        return Ok(());
    };
    cluster
        .delete(kinds::SECRET, Some(args.environment.text()), &old, None)
        .await
        .map_err(|failure| failure.diagnostic(&format!("remove Secret/{old}")))
}

/// Puts the key of the digests on the Secret that is about to be written.
pub fn annotate(bundle: &mut Bundle, material: Option<&Material>) {
    let Some(material) = material else {
        return;
    };
    for object in bundle
        .objects
        .iter_mut()
        .filter(|object| object.kind() == "Secret")
    {
        object.annotate(labels::DIGEST_KEY, &STANDARD.encode(&material.key));
    }
}

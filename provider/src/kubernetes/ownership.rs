//! Whether a create may write what it wants to write.
//!
//! An object is ours when it carries project, type and name as labels. A create resumes what is
//! ours and unfinished, takes over leftovers, adopts foreign objects only when asked to, and
//! refuses everything else: an empty or wrong state never changes what runs.

use futures::future::try_join_all;
use seedling_model::{FIELD_MANAGER, Object, labels};
use seedling_schema::Diagnostic;
use serde_json::Value as Json;
use time::{Duration, OffsetDateTime, format_description::well_known::Rfc3339};

use super::{Apply, Cluster, Failure, Kind, drift::is_owned};

/// Younger finished objects may be of an apply whose state was lost.
const STATE_LOST_WITHIN: Duration = Duration::hours(1);

/// Who wants to write, and what.
#[derive(Debug)]
pub struct Claim<'a> {
    /// Label values: project, type and name.
    pub project: &'a str,
    pub type_label: &'a str,
    pub name: &'a str,
    /// How people call it: `prod/api`, `environment prod`.
    pub title: &'a str,
    /// Terraform type and import id, for the `import` block of a refusal.
    pub type_name: &'static str,
    pub import_id: &'a str,
    /// The object that carries the marks.
    pub leading: &'a Object,
    /// Everything that would be written, the leading object included.
    pub objects: &'a [Object],
    /// Foreign objects may be taken over.
    pub adopt: bool,
}

/// What a create may do.
#[derive(Debug)]
pub enum Verdict {
    /// Nothing of that name exists.
    Fresh,
    /// Goes on with what an earlier create began; the text says why.
    Resume(String),
    /// Takes over these foreign objects.
    Adopt(Vec<Object>),
    /// Must not write; the error says who owns what and what to do.
    Refuse(Box<Diagnostic>),
}

/// Decides by reading the live objects, and by a dry run where only that can tell.
pub async fn judge(cluster: &Cluster, claim: &Claim<'_>) -> Result<Verdict, Failure> {
    let reads = claim.objects.iter().map(|object| async move {
        match Kind::of(object.api_version(), object.kind()) {
            Some(kind) => cluster.find(kind, object.namespace(), object.name()).await,
            None => Ok(None),
        }
    });
    let found = try_join_all(reads).await?;
    let pairs: Vec<_> = claim
        .objects
        .iter()
        .zip(found)
        .filter_map(|(wanted, live)| Some((wanted, live?)))
        .collect();
    if pairs.is_empty() {
        return Ok(Verdict::Fresh);
    }
    let is_ours = |live: &Object| is_owned(live, claim.project, claim.type_label, claim.name);
    let foreign: Vec<&Object> = pairs
        .iter()
        .map(|(_, live)| live)
        .filter(|live| !is_ours(live))
        .collect();
    // What another project or resource of ours holds is never taken over.
    let held = foreign
        .iter()
        .find(|live| live.label(labels::PROJECT).is_some());
    match (held, foreign.first()) {
        (Some(held), _) => return Ok(refuse_foreign(claim, held)),
        (None, Some(_)) if claim.adopt => {
            return Ok(Verdict::Adopt(foreign.into_iter().cloned().collect()));
        }
        (None, Some(first)) => return Ok(refuse_foreign(claim, first)),
        (None, None) => {}
    }
    let is_held = cluster.cache.is_held(claim.type_name, claim.import_id);
    let leading = pairs
        .iter()
        .find(|(wanted, _)| same_object(wanted, claim.leading))
        .map(|(_, live)| live);
    match leading {
        Some(leading) if is_held => Ok(refuse_ours(claim, leading)),
        None => Ok(Verdict::Resume(
            "objects of an earlier create are left and are taken over".to_owned(),
        )),
        Some(leading) if mark(leading, labels::UNFINISHED).is_some() => Ok(Verdict::Resume(
            "an earlier create did not finish and is taken up again".to_owned(),
        )),
        Some(leading) if is_young(leading) && is_unchanged(cluster, &pairs).await? => {
            Ok(Verdict::Resume(
                "it was created just now by an apply whose state was lost, exactly as configured"
                    .to_owned(),
            ))
        }
        Some(leading) => Ok(refuse_ours(claim, leading)),
    }
}

/// The live counterpart of an object that would be written.
pub async fn live(cluster: &Cluster, object: &Object) -> Result<Option<Object>, Failure> {
    match Kind::of(object.api_version(), object.kind()) {
        Some(kind) => cluster.get(kind, object.namespace(), object.name()).await,
        None => Ok(None),
    }
}

fn same_object(one: &Object, other: &Object) -> bool {
    one.kind() == other.kind() && one.name() == other.name()
}

fn mark<'a>(object: &'a Object, name: &str) -> Option<&'a str> {
    object.0["metadata"]["annotations"][name].as_str()
}

fn is_young(leading: &Object) -> bool {
    let created =
        mark(leading, labels::CREATED).and_then(|text| OffsetDateTime::parse(text, &Rfc3339).ok());
    created.is_some_and(|created| OffsetDateTime::now_utc() - created < STATE_LOST_WITHIN)
}

/// True where applying everything would change nothing but marks and intent.
async fn is_unchanged(cluster: &Cluster, pairs: &[(&Object, Object)]) -> Result<bool, Failure> {
    for (wanted, live) in pairs {
        let how = Apply::update().dry();
        let outcome = match cluster.apply(wanted, &how).await {
            Ok(outcome) => outcome,
            // What the server would refuse is certainly not what is there.
            Err(Failure::Refused(_) | Failure::Forbidden(_)) => return Ok(false),
            Err(failure) => return Err(failure),
        };
        if essence(&outcome) != essence(live) {
            tracing::debug!(object = %describe(live), "is not as configured");
            return Ok(false);
        }
    }
    Ok(true)
}

/// The object without what every write changes, and without marks and intent.
fn essence(object: &Object) -> Json {
    let mut body = object.0.clone();
    let Some(members) = body.as_object_mut() else {
        return body;
    };
    members.remove("status");
    if let Some(metadata) = members.get_mut("metadata").and_then(Json::as_object_mut) {
        for volatile in ["managedFields", "resourceVersion", "generation"] {
            metadata.remove(volatile);
        }
        if let Some(Json::Object(annotations)) = metadata.get_mut("annotations") {
            for ours in [
                labels::INTENT,
                labels::UNFINISHED,
                labels::CREATED,
                labels::DIGEST_KEY,
            ] {
                annotations.remove(ours);
            }
        }
        if metadata
            .get("annotations")
            .and_then(Json::as_object)
            .is_some_and(serde_json::Map::is_empty)
        {
            metadata.remove("annotations");
        }
    }
    body
}

fn refuse_ours(claim: &Claim<'_>, leading: &Object) -> Verdict {
    let created = mark(leading, labels::CREATED).unwrap_or("an unknown time");
    refuse(
        claim,
        &format!(
            "{} belongs to project `{}` and was finished at {created}. If it was tainted, take that back: `untaint` the address of this resource. If this is a replacement, drop `create_before_destroy`: two resources cannot have one name.",
            describe(leading),
            claim.project,
        ),
        "",
    )
}

fn refuse_foreign(claim: &Claim<'_>, object: &Object) -> Verdict {
    let adopt =
        " To take it over and have it replaced by what is configured here, set `adopt = true`.";
    let (owner, also) = match object.label(labels::PROJECT) {
        Some(project) if project != claim.project => {
            (format!("belongs to project `{project}`"), "")
        }
        Some(_) => ("belongs to another resource of this project".to_owned(), ""),
        None => (
            format!("is not Seedling's; it is managed by {}", managers(object)),
            adopt,
        ),
    };
    refuse(claim, &format!("{} {owner}.", describe(object)), also)
}

fn refuse(claim: &Claim<'_>, reason: &str, also: &str) -> Verdict {
    Verdict::Refuse(Box::new(Diagnostic::error(
        format!("{} exists already", claim.title),
        format!(
            "{reason} Nothing was changed.\n\nTo manage it from here, import it:\n\n  import {{\n    to = {}.{}\n    id = \"{}\"\n  }}\n\n(the label after the type is the one of this resource block).{also}",
            claim.type_name,
            label(claim.name),
            claim.import_id,
        ),
    )))
}

/// A name as a label of the configuration language, which begins with a letter.
fn label(name: &str) -> String {
    let label = name.replace('-', "_");
    if label.starts_with(|first: char| first.is_ascii_digit()) {
        format!("_{label}")
    } else {
        label
    }
}

fn describe(object: &Object) -> String {
    match object.namespace() {
        Some(namespace) => format!(
            "{}/{} in namespace {namespace}",
            object.kind(),
            object.name()
        ),
        None => format!("{}/{}", object.kind(), object.name()),
    }
}

/// The managers of an object's fields other than us, controllers' status aside.
pub fn managers(object: &Object) -> String {
    let entries = object.0["metadata"]["managedFields"].as_array();
    let mut names: Vec<&str> = entries
        .into_iter()
        .flatten()
        .filter(|entry| entry.get("subresource").is_none())
        .filter_map(|entry| entry["manager"].as_str())
        .filter(|name| *name != FIELD_MANAGER)
        .collect();
    names.dedup();
    if names.is_empty() {
        "nobody on record".to_owned()
    } else {
        names.join(", ")
    }
}

/// Whether another create has made the object its own since these notes were taken: then it is
/// not the object that they stand for. (A replacement with `create_before_destroy` over one name
/// ends like this.)
pub fn is_superseded(leading: &Object, remembered: Option<&str>) -> bool {
    let parse = |text: &str| OffsetDateTime::parse(text, &Rfc3339).ok();
    let live = mark(leading, labels::CREATED).and_then(parse);
    let noted = remembered.and_then(parse);
    live.zip(noted).is_some_and(|(live, noted)| live > noted)
}

//! Refresh: image and a fixed number of pods like any argument, everything else as drift.

use std::collections::BTreeMap;

use seedling_model::{
    Arg, Object, digest, labels,
    service::{self, Args},
};
use seedling_schema::{Diagnostic, Diagnostics, ReadReply, ReadRequest, Value};

use super::{COMPLETE, parts, rolling, secrets, storage, writing};
use crate::{
    kubernetes::{Bundle, Cluster, Failure, additions, kinds},
    resources::support::{arguments::arguments, digests, drift_list, identity_of, notes},
    rollout::progress::{Progress, has_completed, progress},
    session::{Home, Session},
};

/// Reads what exists. Gone is only what has none of its objects left.
pub async fn read(session: &Session, request: &ReadRequest) -> Result<ReadReply, Diagnostic> {
    let mut args: Args = arguments(&request.state)?;
    let (environment, name) = (
        args.environment.text().to_owned(),
        args.name.text().to_owned(),
    );
    let mut private = request.private.clone();
    if session.home(&environment, &private).await? == Home::Forgotten {
        return Ok(ReadReply::default());
    }
    let cluster = session.cluster().await?;
    let title = format!("{environment}/{name}");
    let reading = |failure: Failure| failure.diagnostic(&format!("read service {title}"));
    let mut state = request.state.clone();
    let mut diagnostics = Diagnostics::default();
    let deployment = cluster
        .read(kinds::DEPLOYMENT, Some(&environment), &name)
        .await
        .map_err(reading)?;
    if let Some(deployment) = &deployment {
        refresh_arguments(deployment, &mut args, &mut state);
        take_notes(deployment, &mut private, &mut state);
        if !notes::is_foreign(&private) {
            diagnostics.extend(additions_warning(&title, deployment));
        }
    }
    // The keys of the last apply are wanted, whatever the live Secret holds now.
    let secret = writing::remembered_secret(&private);
    let (names, live) = parts::remembered(&request.state, &args, secret.clone());
    let mut wanted = parts::bundle(session, &args, &names, &live)?
        .created_at(notes::created(&private).unwrap_or_default());
    if let Some(deployment) = &deployment {
        keep_intent(&mut wanted, deployment);
    }
    let mut key_drift = None;
    if let Some(secret) = &secret {
        match cluster
            .read(kinds::SECRET, Some(&environment), secret)
            .await
        {
            Ok(live) => {
                wanted.objects.push(secret_shell(session, &args, secret));
                state.set("secret_digests", live_digests(live.as_deref(), &state));
                key_drift = live.and_then(|live| digests::key_drift(&live, &mut private));
            }
            Err(failure) if failure.is_forbidden() => diagnostics.push(digests::unreadable(&title)),
            Err(failure) => return Err(reading(failure)),
        }
    }
    diagnostics.extend(
        accept_growth(cluster, &title, &mut wanted)
            .await
            .map_err(reading)?,
    );
    let Some(mut differences) = wanted.drift(cluster).await.map_err(reading)? else {
        return Ok(ReadReply::default());
    };
    if only_claims_are_left(&wanted, &differences) {
        return Ok(ReadReply::default());
    }
    differences.extend(key_drift);
    state.set("drift", Value::from(drift_list(Some(differences))));
    session
        .remember_home(&environment, &mut private)
        .await
        .map_err(reading)?;
    Ok(ReadReply {
        state: Some(state),
        private,
        identity: Some(identity_of(&[
            ("environment", &environment),
            ("name", &name),
        ])),
        diagnostics,
    })
}

async fn accept_growth(
    cluster: &Cluster,
    title: &str,
    wanted: &mut Bundle,
) -> Result<Diagnostics, Failure> {
    let mut live = BTreeMap::new();
    for claim in wanted.of_kind(kinds::CLAIM) {
        let found = cluster
            .read(kinds::CLAIM, claim.namespace(), claim.name())
            .await?;
        live.extend(found.map(|found| (claim.name().to_owned(), found)));
    }
    Ok(storage::accept_growth(title, &mut wanted.objects, |name| {
        live.get(name).map(AsRef::as_ref)
    }))
}

/// Image and a fixed number of pods refresh like any argument, so that `ignore_changes` works on
/// them; drift then leaves them out.
fn refresh_arguments(deployment: &Object, args: &mut Args, state: &mut Value) {
    if let Some(image) = rolling::live_image(deployment, args.name.text()) {
        if let Some(text) = image.as_str() {
            args.image = text.into();
        }
        state.set("image", image);
    }
    if let (Some(fixed), Some(count)) = (
        args.replicas.given(),
        deployment.at("/spec/replicas").as_i64(),
    ) && *fixed != count
    {
        args.replicas = Arg::Given(count);
        state.set("replicas", Value::from(count));
    }
    let status = rollout_status(deployment, state.get("rollout_status").as_str());
    // A create that ended without its last write is unfinished, however its pods are.
    let status = match deployment.annotation(labels::UNFINISHED) {
        Some(_) => "unfinished: the create was interrupted".to_owned(),
        None => status,
    };
    state.set("rollout_status", Value::from(status));
}

/// What is refreshed from the live object is not read from the annotation that keeps the intent,
/// so there it may be what it was at the last apply.
fn keep_intent(wanted: &mut Bundle, deployment: &Object) {
    let parse = |text: &str| serde_json::from_str::<serde_json::Value>(text).ok();
    let Some(text) = deployment.annotation(labels::INTENT) else {
        return;
    };
    let intent = wanted.leading().annotation(labels::INTENT);
    let (Some(mut live), Some(intent)) = (parse(text), intent.and_then(parse)) else {
        return;
    };
    for refreshed in ["image", "replicas"] {
        live["arguments"][refreshed] = intent["arguments"][refreshed].clone();
    }
    if live == intent {
        let leading = wanted.leading;
        wanted.objects[leading].annotate(labels::INTENT, text);
    }
}

/// The service's own image is an argument, so whoever else sets it added nothing.
fn additions_warning(title: &str, deployment: &Object) -> Diagnostics {
    let image = format!("spec.containers[{}].image, by ", deployment.name());
    let mut added = additions::in_pod_template(deployment);
    added.retain(|addition| !addition.starts_with(&image));
    if added.is_empty() {
        return Diagnostics::default();
    }
    Diagnostic::warning(
        format!("Others added to the pods of {title}"),
        format!("These fields of the pod template are not Seedling's and stay as they are:\n\n  {}\n\nIf they are meant to stay, say so with `pod_patch`.", added.join("\n  ")),
    )
    .into()
}

/// An apply that did not complete is remembered until the pods are as it wanted them. Otherwise a
/// rollout that has completed once stays so: a later crash or scaling makes it no unfinished one.
fn rollout_status(deployment: &Object, remembered: Option<&str>) -> String {
    let unfinished = remembered.filter(|status| *status != COMPLETE);
    match (progress(deployment), unfinished) {
        (Progress::Complete, _) => COMPLETE.to_owned(),
        (_, Some(status)) => status.to_owned(),
        (_, None) if has_completed(deployment) => COMPLETE.to_owned(),
        (Progress::Going(what) | Progress::Stalled(what), None) => format!("unfinished: {what}"),
    }
}

/// What an import could not note yet.
fn take_notes(deployment: &Object, private: &mut seedling_schema::Private, state: &mut Value) {
    if notes::created(private).is_none() {
        notes::set_created(
            private,
            deployment.annotation(labels::CREATED).unwrap_or_default(),
        );
    }
    if state.get("selector").is_null() {
        state.set("selector", Value::from(parts::live_selector(deployment)));
    }
}

/// Digests of what the Secret holds that the pods are meant to use; null where it is gone.
fn live_digests(secret: Option<&Object>, state: &Value) -> Value {
    let Some(secret) = secret else {
        return Value::Null;
    };
    let known = state.get("secret_digests").as_map().into_iter().flatten();
    let data = secrets::named_data(secret, known.map(|(key, _)| key.clone()));
    let key = digests::key_of(secret).unwrap_or_default();
    digests::value(digest::digests(&data, &key))
}

/// The service's Secret without its values: what a state knows of it.
pub fn secret_shell(session: &Session, args: &Args, secret: &str) -> Object {
    let of = (service::TYPE, args.name.text());
    digests::shell(&session.context, of, args.environment.text(), secret)
        .with("immutable", true.into())
}

/// Retained claims outlive their service.
fn only_claims_are_left(
    wanted: &Bundle,
    differences: &[crate::kubernetes::drift::Difference],
) -> bool {
    let missing = |object: &Object| {
        let name = format!("{}/{}", object.kind(), object.name());
        differences
            .iter()
            .any(|it| it.path.is_empty() && it.object == name)
    };
    wanted
        .objects
        .iter()
        .filter(|object| object.kind() != "PersistentVolumeClaim")
        .all(missing)
}

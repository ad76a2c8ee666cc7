//! Create and update: everything in order, then the rollout, then what is no longer needed.

use seedling_model::{
    Object,
    labels::SCALE_FIELD_MANAGER,
    service::{self, Args, Live, Names, rollout},
};
use seedling_schema::{ApplyReply, ApplyRequest, Diagnostic, Diagnostics, Private, Value};

use super::{
    COMPLETE,
    parts::{self, COLLECTED},
    removal, rolling,
    secrets::{self, Material},
    storage, strategy,
};
use crate::{
    kubernetes::{Apply, Bundle, Cluster, bundle::created_or_now, kinds, ownership::Verdict},
    resources::support::{
        apply::first_write,
        arguments::{arguments, planned_arguments},
        digests, identity_of, notes,
    },
    rollout::{Ending, progress::condition},
    session::Session,
};

/// Private note: name of the Secret that the pods use.
const SECRET: &str = "secret";

/// The Secret's name that the private notes remember.
pub fn remembered_secret(private: &Private) -> Option<String> {
    private.get(SECRET)?.as_str().map(str::to_owned)
}

/// Notes the Secret's name.
pub fn remember_secret(private: &mut Private, name: Option<&str>) {
    private.set(SECRET, name);
}

/// Makes the service. On failure there is an error and no state: what was made carries the
/// unfinished mark, unless `on_failure = "roll_back"` says to remove it.
pub async fn create(session: &Session, request: &ApplyRequest) -> Result<ApplyReply, Diagnostic> {
    let cluster = session.cluster().await?;
    let mut args: Args = planned_arguments(request)?;
    let material = secrets::material(cluster, &mut args, &Value::Null).await?;
    let (bundle, how, live) = prepare_create(session, &args, material.as_ref()).await?;
    strategy::make_way(cluster, bundle.leading()).await?;
    let deployment = bundle.write_unfinished(cluster, &how).await?;
    if args.autoscale.is_set() {
        hold_scale(cluster, &args, rollout::fewest_pods(&args)).await?;
    }
    let followed = rolling::follow(session, &args, material.as_ref(), deployment, &request.stop);
    if let Err(ending) = followed.await {
        return Err(after_failed_create(cluster, &args, &bundle, ending).await);
    }
    bundle.collect_known(cluster, COLLECTED).await?;
    let created = bundle.finish(cluster).await?;
    let done = Done {
        args: &args,
        material: material.as_ref(),
        created: &created,
        live: &live,
    };
    done.reply(session, request, COMPLETE, Diagnostics::default())
        .await
}

async fn prepare_create(
    session: &Session,
    args: &Args,
    material: Option<&Material>,
) -> Result<(Bundle, Apply<'static>, Live), Diagnostic> {
    let cluster = session.cluster().await?;
    let names = names(args, material);
    let mut live = Live::default();
    let mut bundle = parts::bundle(session, args, &names, &live)?;
    let verdict = bundle
        .judge(cluster, args.adopt.or(false))
        .await
        .map_err(|failure| failure.diagnostic(&format!("look for {}", bundle.title)))?;
    // A selector cannot be changed: an adopted Deployment keeps its own.
    if let Verdict::Adopt(_) = verdict
        && let Some(deployment) = deployment(cluster, args).await?
    {
        live.selector = Some(parts::live_selector(&deployment));
        bundle = parts::bundle(session, args, &names, &live)?;
    }
    let how = first_write(cluster, verdict).await?;
    secrets::annotate(&mut bundle, material);
    Ok((bundle, how, live))
}

async fn after_failed_create(
    cluster: &Cluster,
    args: &Args,
    bundle: &Bundle,
    ending: Ending,
) -> Diagnostic {
    let (is_failure, mut diagnostic) = match ending {
        Ending::Failed { diagnostic, .. } => (true, *diagnostic),
        Ending::Stopped(diagnostic) => (false, *diagnostic),
    };
    if is_failure && rolling::rolls_back(args) {
        let outcome = match removal::remove_objects(cluster, bundle).await {
            Ok(()) => "what was made was removed again.".to_owned(),
            Err(error) => format!("but removing what was made failed: {}", error.detail),
        };
        diagnostic
            .detail
            .push_str("\n\n`on_failure` is `roll_back`: ");
        diagnostic.detail.push_str(&outcome);
    }
    diagnostic
}

/// Changes the service. On failure the state says what was reached, and the next plan shows the
/// rollout as unfinished.
pub async fn update(session: &Session, request: &ApplyRequest) -> Result<ApplyReply, Diagnostic> {
    let cluster = session.cluster().await?;
    let mut args: Args = planned_arguments(request)?;
    session
        .home(args.environment.text(), &request.private)
        .await?;
    let material = secrets::material(cluster, &mut args, &request.prior).await?;
    let created = created_or_now(notes::created(&request.private));
    let (_, live) = parts::remembered(&request.prior, &args, None);
    let mut bundle = parts::bundle(session, &args, &names(&args, material.as_ref()), &live)?
        .created_at(&created);
    secrets::annotate(&mut bundle, material.as_ref());
    if notes::is_foreign(&request.private) {
        bundle.take_over(cluster).await?;
    }
    let settled = settled(session, request, &bundle)?;
    if settled.is_empty() || request.prior.get("autoscale").is_null() == args.autoscale.is_set() {
        hand_over_scale(cluster, &args, &bundle).await?;
    }
    keep_growth(cluster, &mut bundle).await?;
    strategy::make_way(cluster, bundle.leading()).await?;
    let how = Apply::update();
    let deployment = bundle.write_unsettled(&settled, cluster, &how).await?;
    strategy::let_go_on(cluster, bundle.leading()).await?;
    let is_retried = retry_refused(cluster, &bundle, &deployment).await?;
    let done = Done {
        args: &args,
        material: material.as_ref(),
        created: &created,
        live: &live,
    };
    let followed = rolling::follow(session, &args, material.as_ref(), deployment, &request.stop);
    match followed.await {
        Ok(()) => {
            if is_retried {
                bundle.write_leading(cluster).await?;
            }
            bundle.collect_known(cluster, COLLECTED).await?;
            secrets::forget(
                cluster,
                &args,
                material.as_ref(),
                remembered_secret(&request.private),
            )
            .await?;
            done.reply(session, request, COMPLETE, Diagnostics::default())
                .await
        }
        Err(Ending::Failed { diagnostic, .. }) if rolling::rolls_back(&args) => {
            rolling::roll_back(session, request, *diagnostic).await
        }
        Err(Ending::Failed { status, diagnostic }) => {
            done.reply(session, request, &status, (*diagnostic).into())
                .await
        }
        Err(Ending::Stopped(diagnostic)) => {
            done.reply(session, request, "stopped", (*diagnostic).into())
                .await
        }
    }
}

fn names(args: &Args, material: Option<&Material>) -> Names {
    Names {
        config_map: service::config_map_name(args),
        secret: material.map(|material| material.name.clone()),
        secret_keys: service::secret_keys(args),
    }
}

/// What the last apply wrote and the refresh found unchanged. A state without a refresh is taken
/// at its word.
fn settled(
    session: &Session,
    request: &ApplyRequest,
    bundle: &Bundle,
) -> Result<Vec<Object>, Diagnostic> {
    let drift = request.prior.get("drift").as_list();
    if notes::is_foreign(&request.private) || drift.is_none_or(|drift| !drift.is_empty()) {
        return Ok(Vec::new());
    }
    let args: Args = arguments(&request.prior)?;
    let secret = remembered_secret(&request.private);
    let (names, live) = parts::remembered(&request.prior, &args, secret.clone());
    let before = parts::bundle(session, &args, &names, &live)?.objects;
    // A state has no values; but a Secret's name follows from them.
    let is_same = |object: &&Object| match object.kind() {
        "Secret" => secret.as_deref() == Some(object.name()),
        _ => before.contains(object),
    };
    Ok(bundle.objects.iter().filter(is_same).cloned().collect())
}

/// Pods that were refused, by a quota perhaps, are asked for at once and not only when the
/// controller's growing pause is over: what refused them may have been changed in this very apply.
async fn retry_refused(
    cluster: &Cluster,
    bundle: &Bundle,
    live: &Object,
) -> Result<bool, Diagnostic> {
    let failure = condition(live, "ReplicaFailure");
    let is_refused = failure.is_some_and(|failure| failure["status"] == "True");
    if is_refused {
        bundle.retry(cluster).await?;
    }
    Ok(is_refused)
}

/// The refresh has warned already.
async fn keep_growth(cluster: &Cluster, bundle: &mut Bundle) -> Result<(), Diagnostic> {
    if bundle.of_kind(kinds::CLAIM).next().is_none() {
        return Ok(());
    }
    let claims = bundle.owned(cluster, kinds::CLAIM).await?;
    let by_name = |name: &str| claims.iter().find(|claim| claim.name() == name);
    storage::accept_growth(&bundle.title, &mut bundle.objects, by_name);
    Ok(())
}

/// Between a fixed number and an autoscaler, the number of pods never drops: a second field
/// manager holds the live count before ours lets go, and an autoscaler is gone before ours
/// takes the count over.
async fn hand_over_scale(
    cluster: &Cluster,
    args: &Args,
    bundle: &Bundle,
) -> Result<(), Diagnostic> {
    if args.autoscale.is_absent() {
        return bundle.collect(cluster, &[kinds::AUTOSCALER]).await;
    }
    let Some(deployment) = deployment(cluster, args).await? else {
        return Ok(());
    };
    let owned = rolling::owns_replicas(&deployment);
    let count = deployment.at("/spec/replicas").as_i64().unwrap_or(1);
    if owned {
        hold_scale(cluster, args, count).await
    } else {
        Ok(())
    }
}

async fn hold_scale(cluster: &Cluster, args: &Args, count: i64) -> Result<(), Diagnostic> {
    let mut scale = Object::new(
        "apps/v1",
        "Deployment",
        Some(args.environment.text()),
        args.name.text(),
    );
    scale = scale.with("spec", serde_json::json!({ "replicas": count }));
    let how = Apply {
        manager: SCALE_FIELD_MANAGER,
        ..Apply::update()
    };
    let title = format!("{}/{}", args.environment.text(), args.name.text());
    cluster
        .apply(&scale, &how)
        .await
        .map(|_| ())
        .map_err(|failure| failure.diagnostic(&format!("hold the number of pods of {title}")))
}

/// The live Deployment.
pub async fn deployment(cluster: &Cluster, args: &Args) -> Result<Option<Object>, Diagnostic> {
    let (environment, name) = (args.environment.text(), args.name.text());
    cluster
        .get(kinds::DEPLOYMENT, Some(environment), name)
        .await
        .map_err(|failure| failure.diagnostic(&format!("read Deployment/{name} of {environment}")))
}

/// What an apply has reached, to be told to core.
struct Done<'a> {
    args: &'a Args,
    material: Option<&'a Material>,
    created: &'a str,
    live: &'a Live,
}

impl Done<'_> {
    async fn reply(
        &self,
        session: &Session,
        request: &ApplyRequest,
        status: &str,
        diagnostics: Diagnostics,
    ) -> Result<ApplyReply, Diagnostic> {
        let (environment, name) = (self.args.environment.text(), self.args.name.text());
        let mut state = request.planned.clone();
        state.set("rollout_status", Value::from(status));
        state.set(
            "secret_digests",
            self.material.map_or(Value::Null, Material::digests),
        );
        state.set(
            "selector",
            Value::from(service::selector(self.args, self.live)),
        );
        let mut private = request.private.clone();
        notes::set_created(&mut private, self.created);
        remember_secret(
            &mut private,
            self.material.map(|material| material.name.as_str()),
        );
        if let Some(material) = self.material {
            digests::remember_key(&mut private, &material.key);
        }
        session
            .remember_home(environment, &mut private)
            .await
            .map_err(|failure| failure.diagnostic("tell which cluster this is"))?;
        Ok(ApplyReply {
            state: Some(state),
            private,
            identity: Some(identity_of(&[("environment", environment), ("name", name)])),
            diagnostics,
        })
    }
}

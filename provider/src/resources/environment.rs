//! `seedling_environment`: a namespace ready to be lived in.

mod pull;
mod removal;

use std::{ops::ControlFlow, time::Duration};

use async_trait::async_trait;
use seedling_model::{
    Object, Rendered,
    environment::{self, Args},
    labels,
};
use seedling_schema::{
    ApplyReply, ApplyRequest, Attribute, Diagnostic, Diagnostics, Identity, ImportReply,
    ImportRequest, MoveSource, Path, Plan, Private, ReadReply, ReadRequest, Schema, Stop, Type,
    Value,
};

use super::managed::Managed;
use super::support::{
    apply::stopped_or,
    arguments::{arguments, planned_arguments, schema_of, state_of},
    digests, drift_list, findings, identity_of, import_id, notes,
    plan::check_create,
};
use crate::{
    kubernetes::{
        Apply, Bundle, Cluster, Failure, bundle::created_or_now, kinds, watching::Patience,
    },
    session::{Home, Session},
};

const TYPE_NAME: &str = "seedling_environment";
/// How long the service account `default` may take: pods cannot start without it.
const ACCOUNT_TIMEOUT: Duration = Duration::from_secs(30);
/// Kinds of which an environment may have had objects that it no longer needs.
const COLLECTED: &[crate::kubernetes::Kind] = &[
    kinds::RESOURCE_QUOTA,
    kinds::LIMIT_RANGE,
    kinds::NETWORK_POLICY,
    kinds::SECRET,
];

/// The resource.
pub struct Environment;

/// The objects of an environment; the Namespace leads.
fn bundle(args: &Args, session: &Session) -> Bundle {
    let Rendered { mut objects, .. } = environment::render(args, &session.context);
    if let Some(namespace) = objects.first_mut() {
        namespace.annotate(labels::INTENT, &environment::intent(args).to_string());
    }
    let name = args.name.text().to_owned();
    Bundle {
        type_label: environment::TYPE,
        type_name: TYPE_NAME,
        title: format!("environment {name}"),
        import_id: name.clone(),
        namespace: Some(name.clone()),
        name,
        objects,
        leading: 0,
    }
}

#[async_trait]
impl Managed for Environment {
    fn type_name(&self) -> &'static str {
        TYPE_NAME
    }

    fn schema(&self) -> Schema {
        schema_of::<Args>()
            .attribute("drift", super::support::drift_attribute())
            .attribute(
                "pull_digests",
                Attribute::map_of(Type::string()).computed().describe(
                    "Registry → keyed digest of its login in `image_pull`: changes when the login does and says nothing about it.",
                ),
            )
    }

    fn identity(&self) -> Identity {
        Identity::new(0).string("name", true, "Name of the environment.")
    }

    fn validate(&self, config: &Value) -> Result<Diagnostics, Diagnostic> {
        let args: Args = arguments(config)?;
        Ok(findings::diagnostics(environment::check(&args)))
    }

    fn modify_plan(&self, plan: &mut Plan) -> Diagnostics {
        if !plan.planned.is_null() {
            let protected = plan
                .planned
                .get("deletion_protection")
                .as_bool()
                .unwrap_or(true);
            notes::set_protected(&mut plan.planned_private, protected);
        }
        Diagnostics::default()
    }

    async fn check_plan(
        &self,
        session: &Session,
        plan: &mut Plan,
    ) -> Result<Diagnostics, Diagnostic> {
        let mut found = Diagnostics::default();
        found.extend(removal::check_plan(session, plan).await);
        if plan.planned.is_null() {
            return Ok(found);
        }
        let args: Args = arguments(&plan.config)?;
        if args.name.given().is_none() {
            return Ok(found);
        }
        if !plan.is_no_op() {
            session.cluster().await?.cache.change(args.name.text());
        }
        if plan.prior.is_null() {
            let adopt = args.adopt.or(false);
            found.extend(check_create(session, plan, &bundle(&args, session), adopt).await);
        } else {
            found.extend(pull::check_plan(session, plan, &args).await);
        }
        Ok(found)
    }

    async fn create(
        &self,
        session: &Session,
        request: &ApplyRequest,
    ) -> Result<ApplyReply, Diagnostic> {
        create(session, request).await
    }

    async fn read(
        &self,
        session: &Session,
        request: &ReadRequest,
    ) -> Result<ReadReply, Diagnostic> {
        read(session, request).await
    }

    async fn update(
        &self,
        session: &Session,
        request: &ApplyRequest,
    ) -> Result<ApplyReply, Diagnostic> {
        update(session, request).await
    }

    async fn delete(
        &self,
        session: &Session,
        request: &ApplyRequest,
    ) -> Result<Diagnostics, Diagnostic> {
        removal::delete(session, request).await
    }

    async fn import(
        &self,
        session: &Session,
        request: &ImportRequest,
    ) -> Result<ImportReply, Diagnostic> {
        import(session, request).await
    }

    fn move_from(&self, source: &MoveSource) -> Option<Result<(Value, Option<Value>), Diagnostic>> {
        if !matches!(
            source.type_name.as_str(),
            "kubernetes_namespace_v1" | "kubernetes_namespace"
        ) {
            return None;
        }
        Some(moved(source, &self.schema()))
    }
}

async fn create(session: &Session, request: &ApplyRequest) -> Result<ApplyReply, Diagnostic> {
    let cluster = session.cluster().await?;
    let args: Args = planned_arguments(request)?;
    let name = args.name.text();
    let mut bundle = bundle(&args, session);
    let verdict = bundle
        .judge(cluster, args.adopt.or(false))
        .await
        .map_err(|failure| failure.diagnostic(&format!("look for {}", bundle.title)))?;
    let how = super::support::apply::first_write(cluster, verdict).await?;
    let mut private = request.private.clone();
    let digests = pull::prepare(cluster, &args, &mut bundle, &mut private).await?;
    bundle.write_unfinished(cluster, &how).await?;
    wait_for_account(cluster, name, &request.stop).await?;
    bundle.collect(cluster, COLLECTED).await?;
    let created = bundle.finish(cluster).await?;
    notes::set_created(&mut private, &created);
    reply(session, request, name, digests, private).await
}

/// Pods are refused until the namespace's service account exists.
async fn wait_for_account(cluster: &Cluster, name: &str, stop: &Stop) -> Result<(), Diagnostic> {
    let patience = Patience::new(ACCOUNT_TIMEOUT, stop.clone());
    let seen = cluster
        .watch_one(
            kinds::SERVICE_ACCOUNT,
            Some(name),
            "default",
            &patience,
            |account| {
                if account.is_some() {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                }
            },
        )
        .await;
    match seen {
        // Whoever may not look need not wait: the first pod waits by itself.
        Err(failure) if failure.is_forbidden() => Ok(()),
        Err(failure) => Err(stopped_or(&failure, &format!("environment {name}"), || {
            failure.diagnostic(&format!("wait for the service account `default` of {name}"))
        })),
        Ok(()) => Ok(()),
    }
}

async fn read(session: &Session, request: &ReadRequest) -> Result<ReadReply, Diagnostic> {
    let args: Args = arguments(&request.state)?;
    let name = args.name.text().to_owned();
    let mut private = request.private.clone();
    if session.home(&name, &private).await? == Home::Forgotten {
        return Ok(ReadReply::default());
    }
    let cluster = session.cluster().await?;
    let reading = |failure: Failure| failure.diagnostic(&format!("read environment {name}"));
    let Some(live) = cluster
        .read(kinds::NAMESPACE, None, &name)
        .await
        .map_err(reading)?
    else {
        return Ok(ReadReply::default());
    };
    if notes::created(&private).is_none() {
        notes::set_created(
            &mut private,
            live.annotation(labels::CREATED).unwrap_or_default(),
        );
    }
    let mut wanted =
        bundle(&args, session).created_at(notes::created(&private).unwrap_or_default());
    let mut state = request.state.clone();
    let mut diagnostics = Diagnostics::default();
    let mut key_drift = None;
    if let Some(shell) = pull::shell(session, &args) {
        match cluster.read(kinds::SECRET, Some(&name), shell.name()).await {
            Ok(secret) => {
                wanted.objects.push(shell);
                state.set("pull_digests", pull::digests_of(secret.as_deref()));
                key_drift = secret.and_then(|secret| digests::key_drift(&secret, &mut private));
            }
            Err(failure) if failure.is_forbidden() => {
                diagnostics.push(digests::unreadable(&format!("environment {name}")));
            }
            Err(failure) => return Err(reading(failure)),
        }
    }
    let mut differences = wanted
        .drift(cluster)
        .await
        .map_err(reading)?
        .unwrap_or_default();
    differences.extend(key_drift);
    let mut drift = drift_list(Some(differences));
    if is_being_deleted(&live) {
        drift.push(format!("Namespace/{name} is being deleted"));
    }
    state.set("drift", Value::from(drift));
    session
        .remember_home(&name, &mut private)
        .await
        .map_err(reading)?;
    Ok(ReadReply {
        identity: Some(identity_of(&[("name", &name)])),
        state: Some(state),
        private,
        diagnostics,
    })
}

async fn update(session: &Session, request: &ApplyRequest) -> Result<ApplyReply, Diagnostic> {
    let cluster = session.cluster().await?;
    let args: Args = planned_arguments(request)?;
    let name = args.name.text();
    session.home(name, &request.private).await?;
    if let Some(live) = live(cluster, name).await?
        && is_being_deleted(&live)
    {
        return Err(removal::still_going(&live));
    }
    let created = created_or_now(notes::created(&request.private));
    let mut bundle = bundle(&args, session).created_at(&created);
    let mut private = request.private.clone();
    let digests = pull::prepare(cluster, &args, &mut bundle, &mut private).await?;
    if notes::is_foreign(&request.private) {
        bundle.take_over(cluster).await?;
    }
    bundle.write(cluster, &Apply::update()).await?;
    wait_for_account(cluster, name, &request.stop).await?;
    bundle.collect(cluster, COLLECTED).await?;
    notes::set_created(&mut private, &created);
    reply(session, request, name, digests, private).await
}

async fn import(session: &Session, request: &ImportRequest) -> Result<ImportReply, Diagnostic> {
    let name = import_id(
        request,
        &["name"],
        "the name of the environment, such as `prod`",
    )?
    .pop()
    .unwrap_or_default();
    let cluster = session.cluster().await?;
    let Some(live) = live(cluster, &name).await? else {
        return Err(Diagnostic::error(
            format!("There is no environment {name}"),
            "The cluster has no namespace of that name. Check the import id and the provider's `cluster` block.",
        ));
    };
    let (args, guesses) = environment::from_live(environment::LiveObjects { namespace: &live });
    let mut private = Private::default();
    notes::set_protected(&mut private, args.deletion_protection.or(true));
    Ok(ImportReply {
        state: Some(state_of(&args, &Environment.schema())?),
        private,
        identity: Some(identity_of(&[("name", &name)])),
        diagnostics: super::support::guessed(&format!("environment {name}"), &guesses),
    })
}

async fn live(cluster: &Cluster, name: &str) -> Result<Option<Object>, Diagnostic> {
    cluster
        .get(kinds::NAMESPACE, None, name)
        .await
        .map_err(|failure| failure.diagnostic(&format!("read environment {name}")))
}

fn is_being_deleted(namespace: &Object) -> bool {
    !namespace.at("/metadata/deletionTimestamp").is_null()
}

async fn reply(
    session: &Session,
    request: &ApplyRequest,
    name: &str,
    digests: Value,
    mut private: Private,
) -> Result<ApplyReply, Diagnostic> {
    let mut state = request.planned.clone();
    state.set("pull_digests", digests);
    session
        .remember_home(name, &mut private)
        .await
        .map_err(|failure| failure.diagnostic("tell which cluster this is"))?;
    Ok(ApplyReply {
        state: Some(state),
        private,
        identity: Some(identity_of(&[("name", name)])),
        diagnostics: Diagnostics::default(),
    })
}

/// `moved` from hashicorp/kubernetes: the name is taken over, everything else is compared by the
/// read that follows.
fn moved(source: &MoveSource, schema: &Schema) -> Result<(Value, Option<Value>), Diagnostic> {
    let name = source.state["metadata"][0]["name"]
        .as_str()
        .ok_or_else(|| {
            Diagnostic::error(
                "The moved state has no name",
                format!(
                    "`metadata[0].name` is missing in the state of {}.",
                    source.type_name
                ),
            )
            .at(Path::of("name"))
        })?;
    let args = Args {
        name: name.into(),
        adopt: true.into(),
        ..Args::default()
    };
    Ok((
        state_of(&args, schema)?,
        Some(identity_of(&[("name", name)])),
    ))
}

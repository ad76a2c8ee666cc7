//! Refresh: address, certificate and what others changed.

use seedling_model::{
    Controller, Object,
    ingress::{self, Args, Resolved},
    labels,
};
use seedling_schema::{Diagnostic, Diagnostics, Private, ReadReply, ReadRequest, Value};
use serde_json::json;

use super::{
    certificate,
    checks::certificate_namespace,
    listeners,
    parts::{self, Parts},
    ports, routes, secrets,
};
use crate::{
    kubernetes::{Cluster, Failure, Kind, drift::Difference, kinds},
    resources::support::{address, arguments::arguments, digests, drift_list, identity_of, notes},
    session::{Home, Session},
};

/// Reads what exists. Gone is only what has none of its objects left.
pub async fn read(session: &Session, request: &ReadRequest) -> Result<ReadReply, Diagnostic> {
    let args = secrets::stored(arguments(&request.state)?, &request.private);
    let environment = args.environment.text();
    let mut private = request.private.clone();
    if session.home(environment, &private).await? == Home::Forgotten {
        return Ok(ReadReply::default());
    }
    let cluster = session.cluster().await?;
    let title = parts::title(&args);
    let reading = |failure: Failure| failure.diagnostic(&format!("read {title}"));
    let realised = parts::compared(session, &private)?;
    let controller = realised.controller;
    let namespace = certificate_namespace(&args, controller);
    let resolved = Resolved {
        ports: ports::refresh(cluster, &args, &private)
            .await
            .map_err(reading)?,
        htpasswd: Some(String::new()),
    };
    let context = parts::context(session, realised.clone());
    let parts = parts::parts(&context, &args, &resolved)?;
    let mut parts = without_values(parts);
    let mut state = request.state.clone();
    let mut diagnostics = Diagnostics::default();
    let mut differences = Vec::new();
    match secrets::Live::read(cluster, &args, &namespace).await {
        Ok(live) => {
            state.set("secret_digests", digests::value(live.digests()));
            let pair = live.pair.as_deref();
            differences.extend(pair.and_then(|pair| digests::key_drift(pair, &mut private)));
        }
        Err(failure) if failure.is_forbidden() => {
            parts
                .bundle
                .objects
                .retain(|object| object.kind() != "Secret");
            diagnostics.push(digests::unreadable(&title));
        }
        Err(failure) => return Err(reading(failure)),
    }
    let found = compare(cluster, parts, &mut private)
        .await
        .map_err(reading)?;
    let Some(Found {
        objects,
        drift,
        entry,
    }) = found
    else {
        return Ok(ReadReply::default());
    };
    differences.extend(drift);
    let status = certificate::status(cluster, &args, &namespace)
        .await
        .map_err(reading)?;
    diagnostics.extend(status.warning(&title));
    diagnostics.extend(
        routes::refusals(cluster, &title, &objects)
            .await
            .map_err(reading)?,
    );
    let entry = match controller {
        Controller::Gateway => gateway(cluster, &args).await.map_err(reading)?,
        Controller::IngressNginx => entry,
    };
    let hosts: Vec<String> = ingress::hosts(&args)
        .into_iter()
        .map(str::to_owned)
        .collect();
    state.set("address", address::value(entry.as_deref()));
    state.set("hosts", Value::from(hosts));
    state.set("certificate_status", status.value());
    state.set("controller", Value::from(controller.as_str()));
    state.set("drift", Value::from(drift_list(Some(differences))));
    parts::remember(&mut private, &realised);
    session
        .remember_home(environment, &mut private)
        .await
        .map_err(reading)?;
    let name = args.name.text();
    Ok(ReadReply {
        identity: Some(identity_of(&[("environment", environment), ("name", name)])),
        state: Some(state),
        private,
        diagnostics,
    })
}

/// What was found of the ingress.
struct Found {
    objects: Vec<Object>,
    drift: Vec<Difference>,
    /// The live leading object.
    entry: Option<std::sync::Arc<Object>>,
}

async fn compare(
    cluster: &Cluster,
    parts: Parts,
    private: &mut Private,
) -> Result<Option<Found>, Failure> {
    let leading = parts.bundle.leading();
    let entry = match Kind::of(leading.api_version(), leading.kind()) {
        Some(kind) => {
            cluster
                .read(kind, leading.namespace(), leading.name())
                .await?
        }
        None => None,
    };
    if let (None, Some(live)) = (notes::created(private), &entry) {
        let created = live.annotation(labels::CREATED).unwrap_or_default();
        notes::set_created(private, created);
    }
    let bundle = parts
        .bundle
        .created_at(notes::created(private).unwrap_or_default());
    let Some(mut drift) = bundle.drift(cluster).await? else {
        return Ok(None);
    };
    if let Some(ours) = &parts.listeners {
        drift.extend(listeners::compare(cluster, ours).await?);
    }
    Ok(Some(Found {
        objects: bundle.objects,
        drift,
        entry,
    }))
}

async fn gateway(
    cluster: &Cluster,
    args: &Args,
) -> Result<Option<std::sync::Arc<Object>>, Failure> {
    let (environment, name) = ingress::gateway_of(args);
    cluster
        .read(kinds::GATEWAY, Some(&environment), &name)
        .await
}

/// The Secrets without what a state does not hold; that is compared by digests.
fn without_values(mut parts: Parts) -> Parts {
    let objects = parts.bundle.objects.iter_mut();
    for secret in objects.filter(|object| object.kind() == "Secret") {
        let certificate = secret.at("/data/tls.crt").clone();
        if let Some(members) = secret.0.as_object_mut() {
            members.remove("data");
            if !certificate.is_null() {
                members.insert("data".to_owned(), json!({ "tls.crt": certificate }));
            }
        }
    }
    parts
}

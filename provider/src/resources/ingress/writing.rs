//! Create and update: the objects, the listeners, the address, and then what is no longer needed.

use seedling_model::{
    IngressController,
    ingress::{self, Args, Resolved},
};
use seedling_schema::{ApplyReply, ApplyRequest, Diagnostic, Diagnostics, Private, Value};

use super::{
    certificate,
    checks::{certificate_namespace, lacks},
    listeners,
    parts::{self, Parts},
    ports::{self, Ports},
    removal,
    secrets::{self, Material},
};
use crate::{
    kubernetes::{Apply, Cluster, bundle::created_or_now, kinds},
    resources::support::{
        address::{self, Holder},
        apply::first_write,
        arguments::{arguments, planned_arguments},
        digests, findings, identity_of, notes,
    },
    session::Session,
};

/// What an apply works with.
struct Work<'a> {
    session: &'a Session,
    cluster: &'a Cluster,
    request: &'a ApplyRequest,
    args: Args,
    realised: IngressController,
    ports: Ports,
    material: Material,
    parts: Parts,
}

/// Makes the ingress and waits for its address.
pub async fn create(session: &Session, request: &ApplyRequest) -> Result<ApplyReply, Diagnostic> {
    let work = Work::prepare(session, request).await?;
    let (cluster, bundle) = (work.cluster, &work.parts.bundle);
    let adopt = work.args.adopt.or(false);
    let verdict = bundle
        .judge(cluster, adopt)
        .await
        .map_err(|failure| failure.diagnostic(&format!("look for {}", bundle.title)))?;
    let how = first_write(cluster, verdict).await?;
    bundle.write_unfinished(cluster, &how).await?;
    if let Some(ours) = &work.parts.listeners {
        listeners::write(cluster, &bundle.title, ours, adopt).await?;
    }
    let address = work.wait().await?;
    removal::remove_all_but(cluster, &work.args, &[&work.args], &bundle.objects).await?;
    let created = bundle.finish(cluster).await?;
    work.reply(Value::from(address), &created).await
}

/// Changes the ingress. What an earlier controller, Gateway or certificate needed goes last.
pub async fn update(session: &Session, request: &ApplyRequest) -> Result<ApplyReply, Diagnostic> {
    let prior = secrets::stored(arguments(&request.prior)?, &request.private);
    session
        .home(prior.environment.text(), &request.private)
        .await?;
    let mut work = Work::prepare(session, request).await?;
    let cluster = work.cluster;
    let before = work.before(&prior)?;
    let title = work.parts.bundle.title.clone();
    if !work.args.adopt.or(false) {
        let foreign = work.parts.foreign(cluster, &before).await;
        let foreign =
            foreign.map_err(|failure| failure.diagnostic(&format!("look for parts of {title}")))?;
        if let Some(live) = foreign {
            return Err(parts::refused(&title, &live));
        }
    }
    let created = created_or_now(notes::created(&request.private));
    work.parts.bundle = work.parts.bundle.created_at(&created);
    if notes::is_foreign(&request.private) {
        work.parts.bundle.take_over(cluster).await?;
    }
    work.parts.bundle.write(cluster, &Apply::update()).await?;
    if let Some(ours) = &work.parts.listeners {
        listeners::write(cluster, &title, ours, true).await?;
    }
    let planned = request.planned.get("address");
    let address = if planned.is_unknown() {
        Value::from(work.wait().await?)
    } else {
        planned.clone()
    };
    if let Some(old) = before.listeners.filter(|old| !work.keeps(&old.object)) {
        listeners::release(cluster, &title, &old).await?;
    }
    let versions = [&work.args, &prior];
    removal::remove_all_but(cluster, &work.args, &versions, &work.parts.bundle.objects).await?;
    work.reply(address, &created).await
}

impl<'a> Work<'a> {
    async fn prepare(session: &'a Session, request: &'a ApplyRequest) -> Result<Self, Diagnostic> {
        let cluster = session.cluster().await?;
        let args: Args = planned_arguments(request)?;
        let found = findings::diagnostics(ingress::check_with(&args, &session.context));
        if let Some(error) = found.iter().next() {
            return Err(error.clone());
        }
        let realised = parts::configured(session)?;
        if let Some(lack) = lacks(cluster, &args, &realised).await?.first() {
            return Err(lack.error());
        }
        let ports = ports::find(cluster, &args).await?;
        let namespace = certificate_namespace(&args, realised.controller);
        let material = secrets::material(cluster, &args, &namespace).await?;
        let resolved = Resolved {
            ports: ports.clone(),
            htpasswd: material.htpasswd.clone(),
        };
        let mut parts = parts::parts(&session.context, &args, &resolved)?;
        material.annotate(&mut parts.bundle);
        Ok(Self {
            session,
            cluster,
            request,
            args,
            realised,
            ports,
            material,
            parts,
        })
    }

    /// The objects that the state stands for, under the controller of that time.
    fn before(&self, prior: &Args) -> Result<Parts, Diagnostic> {
        let realised = parts::remembered(self.session, &self.request.private)?;
        let resolved = Resolved {
            ports: ports::remembered(&self.request.private),
            htpasswd: Some(String::new()),
        };
        parts::parts(&parts::context(self.session, realised), prior, &resolved)
    }

    /// Whether listeners of the ingress stay on this Gateway: then they are one list with the old.
    fn keeps(&self, gateway: &seedling_model::Object) -> bool {
        let listeners = self.parts.listeners.as_ref();
        listeners.is_some_and(|ours| parts::same_place(&ours.object, gateway))
    }

    async fn wait(&self) -> Result<String, Diagnostic> {
        let (environment, gateway) = ingress::gateway_of(&self.args);
        let title = &self.parts.bundle.title;
        let holder = match self.realised.controller {
            seedling_model::Controller::Gateway => Holder {
                kind: kinds::GATEWAY,
                namespace: &environment,
                name: &gateway,
                title,
            },
            seedling_model::Controller::IngressNginx => Holder {
                kind: kinds::INGRESS,
                namespace: self.args.environment.text(),
                name: self.args.name.text(),
                title,
            },
        };
        let patience = address::patience(&self.args.address_timeout, &self.request.stop);
        address::wait(self.cluster, &holder, &patience).await
    }

    async fn reply(&self, address: Value, created: &str) -> Result<ApplyReply, Diagnostic> {
        let (environment, name) = (self.args.environment.text(), self.args.name.text());
        let title = &self.parts.bundle.title;
        let mut state = self.request.planned.clone();
        let mut diagnostics = Diagnostics::default();
        let hosts: Vec<String> = ingress::hosts(&self.args)
            .into_iter()
            .map(str::to_owned)
            .collect();
        if state.get("certificate_status").is_unknown() {
            let namespace = certificate_namespace(&self.args, self.realised.controller);
            let status = certificate::status(self.cluster, &self.args, &namespace).await;
            let status = status.map_err(|failure| {
                failure.diagnostic(&format!("read the certificate of {title}"))
            })?;
            diagnostics.extend(status.warning(title));
            state.set("certificate_status", status.value());
        }
        state.set("address", address);
        state.set("hosts", Value::from(hosts));
        state.set("controller", Value::from(self.realised.controller.as_str()));
        state.set("secret_digests", self.material.digests());
        Ok(ApplyReply {
            state: Some(state),
            private: self.notes(environment, created).await?,
            identity: Some(identity_of(&[("environment", environment), ("name", name)])),
            diagnostics,
        })
    }

    async fn notes(&self, environment: &str, created: &str) -> Result<Private, Diagnostic> {
        let mut private = self.request.private.clone();
        notes::set_created(&mut private, created);
        parts::remember(&mut private, &self.realised);
        ports::remember(&mut private, &self.ports);
        let users = self.args.basic_auth.given().into_iter().flatten();
        secrets::remember_users(&mut private, users.map(|(user, _)| user));
        if let Some(key) = &self.material.digest_key {
            digests::remember_key(&mut private, key);
        }
        self.session
            .remember_home(environment, &mut private)
            .await
            .map_err(|failure| failure.diagnostic("tell which cluster this is"))?;
        Ok(private)
    }
}

//! The objects of an ingress, under the controller that realises it now or did so before.

use seedling_model::{
    Context, Controller, IngressController, Object,
    ingress::{self, Args, GatewayListeners, RenderedIngress, Resolved},
    labels,
};
use seedling_schema::{Diagnostic, Private};

use super::TYPE_NAME;
use crate::{
    kubernetes::{Bundle, Cluster, Failure, Kind},
    session::Session,
};

/// Private note: the controller that realises this ingress.
const CONTROLLER: &str = "controller";
/// Private note: its class.
const CLASS: &str = "class";

/// The objects that are ours, and the list entries that are ours on a Gateway.
pub struct Parts {
    /// The leading Ingress or HTTPRoute first.
    pub bundle: Bundle,
    /// TLS listeners on the Gateway.
    pub listeners: Option<GatewayListeners>,
}

/// What people call it.
pub fn title(args: &Args) -> String {
    format!("ingress {}/{}", args.environment.text(), args.name.text())
}

/// Renders everything for a controller.
pub fn parts(context: &Context, args: &Args, resolved: &Resolved) -> Result<Parts, Diagnostic> {
    let RenderedIngress {
        mut objects,
        listeners,
    } = ingress::render(args, context, resolved);
    let leading = objects.first_mut().ok_or_else(no_controller)?;
    leading.annotate(labels::INTENT, &ingress::intent(args).to_string());
    let (environment, name) = (args.environment.text(), args.name.text());
    let bundle = Bundle {
        type_label: ingress::TYPE,
        type_name: TYPE_NAME,
        title: title(args),
        import_id: format!("{environment}/{name}"),
        namespace: Some(environment.to_owned()),
        name: name.to_owned(),
        objects,
        leading: 0,
    };
    Ok(Parts { bundle, listeners })
}

fn no_controller() -> Diagnostic {
    Diagnostic::error(
        "No ingress controller",
        "The provider block does not say which controller answers: set `ingress = { controller = \"gateway\", class = \"…\" }` or `ingress-nginx` there.",
    )
}

/// The controller of the provider block.
pub fn configured(session: &Session) -> Result<IngressController, Diagnostic> {
    session.context.ingress.clone().ok_or_else(no_controller)
}

/// The controller that the private notes remember; where they do not, that of the provider block.
pub fn remembered(session: &Session, private: &Private) -> Result<IngressController, Diagnostic> {
    let note = |name: &str| private.get(name).and_then(|note| note.as_str());
    match note(CONTROLLER).and_then(controller) {
        Some(controller) => Ok(IngressController {
            controller,
            class: note(CLASS).map(str::to_owned),
        }),
        None => configured(session),
    }
}

/// Notes the controller.
pub fn remember(private: &mut Private, ingress: &IngressController) {
    private.set(CONTROLLER, ingress.controller.as_str());
    private.set(CLASS, ingress.class.clone());
}

/// The controller of this name.
pub fn controller(name: &str) -> Option<Controller> {
    [Controller::Gateway, Controller::IngressNginx]
        .into_iter()
        .find(|controller| controller.as_str() == name)
}

/// The provider's context with another controller.
pub fn context(session: &Session, ingress: IngressController) -> Context {
    Context {
        ingress: Some(ingress),
        ..session.context.clone()
    }
}

/// The controller under which a state is compared: the remembered one, with the class that the
/// provider block wants of it, so that another class shows as a change.
pub fn compared(session: &Session, private: &Private) -> Result<IngressController, Diagnostic> {
    let remembered = remembered(session, private)?;
    let wanted = session.context.ingress.clone();
    let same = wanted.filter(|wanted| wanted.controller == remembered.controller);
    Ok(same.unwrap_or(remembered))
}

impl Parts {
    /// The first object that an update would begin to write and that somebody else has made.
    pub async fn foreign(
        &self,
        cluster: &Cluster,
        before: &Parts,
    ) -> Result<Option<Object>, Failure> {
        for object in &self.bundle.objects {
            let known = before
                .bundle
                .objects
                .iter()
                .any(|it| same_place(it, object));
            let Some(kind) = Kind::of(object.api_version(), object.kind()) else {
                continue;
            };
            if known {
                continue;
            }
            let live = cluster.get(kind, object.namespace(), object.name()).await?;
            if let Some(live) = live.filter(|live| !self.owns(cluster, live)) {
                return Ok(Some(live));
            }
        }
        Ok(None)
    }

    fn owns(&self, cluster: &Cluster, live: &Object) -> bool {
        crate::kubernetes::drift::is_owned(
            live,
            cluster.project(),
            ingress::TYPE,
            &self.bundle.name,
        )
    }
}

/// Whether two manifests name one object.
pub fn same_place(one: &Object, other: &Object) -> bool {
    (one.kind(), one.namespace(), one.name()) == (other.kind(), other.namespace(), other.name())
}

/// An update met an object that is not ours.
pub fn refused(title: &str, live: &Object) -> Diagnostic {
    Diagnostic::error(
        format!("{} exists already", live.name()),
        format!(
            "{}/{} in namespace {} is needed by {title} and was made by somebody else. Remove or rename it, or set `adopt = true` to have it replaced by what is configured here. Nothing was changed.",
            live.kind(),
            live.name(),
            live.namespace().unwrap_or_default(),
        ),
    )
}

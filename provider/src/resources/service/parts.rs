//! The objects of a service, from arguments and from what the cluster already has.

use std::collections::BTreeMap;

use seedling_model::{
    Object, labels,
    service::{self, Args, Live, Names},
};
use seedling_schema::{Diagnostic, Value};

use super::{TYPE_NAME, secrets};
use crate::{
    kubernetes::{Bundle, Kind, kinds},
    session::Session,
};

/// Kinds of which a service may have objects, in the order in which they are removed.
pub const KINDS: &[Kind] = &[
    kinds::AUTOSCALER,
    kinds::BUDGET,
    kinds::SERVICE,
    kinds::DEPLOYMENT,
    kinds::SECRET,
    kinds::CONFIG_MAP,
    kinds::SERVICE_ACCOUNT,
];

/// The same without what an update must not remove before the rollout has succeeded.
pub const COLLECTED: &[Kind] = &[
    kinds::AUTOSCALER,
    kinds::BUDGET,
    kinds::SERVICE,
    kinds::SECRET,
    kinds::CONFIG_MAP,
    kinds::SERVICE_ACCOUNT,
];

/// All objects of a service; the Deployment leads and carries the intent.
pub fn bundle(
    session: &Session,
    args: &Args,
    names: &Names,
    live: &Live,
) -> Result<Bundle, Diagnostic> {
    let mut objects = service::render(args, &session.context, names, live).objects;
    let leading = objects
        .iter()
        .position(|object| object.kind() == "Deployment")
        .ok_or_else(|| {
            Diagnostic::error(
                "A service without a Deployment",
                "The model rendered none. This is a bug in the provider.",
            )
        })?;
    objects[leading].annotate(labels::INTENT, &service::intent(args).to_string());
    let (environment, name) = (args.environment.text(), args.name.text());
    Ok(Bundle {
        type_label: service::TYPE,
        type_name: TYPE_NAME,
        title: format!("{environment}/{name}"),
        import_id: format!("{environment}/{name}"),
        namespace: Some(environment.to_owned()),
        name: name.to_owned(),
        objects,
        leading,
    })
}

/// The objects that a create would write, as far as a plan can tell: without the Secret, whose
/// name follows from a key that apply may still have to draw.
pub fn planned(
    session: &Session,
    args: &Args,
    live: Option<&secrets::LiveSecret>,
) -> Result<Bundle, Diagnostic> {
    let names = Names {
        config_map: service::config_map_name(args),
        secret: secrets::planned_name(args, live),
        secret_keys: service::secret_keys(args),
    };
    let mut bundle = bundle(session, args, &names, &Live::default())?;
    let leading = bundle.leading().name().to_owned();
    bundle.objects.retain(|object| object.kind() != "Secret");
    bundle.leading = bundle
        .objects
        .iter()
        .position(|object| object.kind() == "Deployment" && object.name() == leading)
        .unwrap_or_default();
    Ok(bundle)
}

/// Names and selector as a state remembers them.
pub fn remembered(state: &Value, args: &Args, secret: Option<String>) -> (Names, Live) {
    let digests = state.get("secret_digests").as_map();
    let names = Names {
        config_map: service::config_map_name(args),
        secret,
        secret_keys: digests
            .into_iter()
            .flatten()
            .map(|(key, _)| key.clone())
            .collect(),
    };
    (
        names,
        Live {
            selector: selector(state.get("selector")),
        },
    )
}

/// A selector of our own making is rendered by itself; only another one needs to be handed on.
fn selector(value: &Value) -> Option<BTreeMap<String, String>> {
    let pairs = value.as_map()?;
    Some(
        pairs
            .iter()
            .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
            .collect(),
    )
}

/// The selector of a live Deployment.
pub fn live_selector(deployment: &Object) -> BTreeMap<String, String> {
    let labels = deployment.at("/spec/selector/matchLabels").as_object();
    labels
        .into_iter()
        .flatten()
        .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
        .collect()
}

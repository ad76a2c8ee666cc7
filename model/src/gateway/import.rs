//! From a live Gateway back to arguments.

use std::collections::BTreeMap;

use super::{Args, render::INTERNAL};
use crate::{Arg, Object, intent};

/// The live objects of a gateway.
#[derive(Clone, Copy, Debug)]
pub struct LiveObjects<'a> {
    /// The Gateway.
    pub gateway: &'a Object,
}

/// The arguments of a live Gateway, and sentences about what was guessed. Listeners that others added stay theirs.
pub fn from_live(live: LiveObjects<'_>) -> (Args, Vec<String>) {
    let gateway = live.gateway;
    let mut guesses = Vec::new();
    let read = match intent::read::<Args>(gateway) {
        Ok(Some(args)) => args,
        Ok(None) => foreign(gateway),
        Err(problem) => {
            guesses.push(problem);
            foreign(gateway)
        }
    };
    let environment = gateway.namespace().map(str::to_owned).into();
    (
        Args {
            environment,
            name: gateway.name().into(),
            ..read
        },
        guesses,
    )
}

fn foreign(gateway: &Object) -> Args {
    let annotations = gateway
        .at("/spec/infrastructure/annotations")
        .as_object()
        .into_iter()
        .flatten();
    let (internal, annotations): (Vec<_>, Vec<_>) =
        annotations.partition(|(key, _)| *key == INTERNAL);
    let annotations: BTreeMap<String, Arg<String>> = annotations
        .into_iter()
        .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.into())))
        .collect();
    Args {
        class: gateway
            .at("/spec/gatewayClassName")
            .as_str()
            .map(str::to_owned)
            .into(),
        internal: internal
            .iter()
            .any(|(_, value)| *value == "true")
            .then_some(true)
            .into(),
        annotations: (!annotations.is_empty()).then_some(annotations).into(),
        ..Args::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Context, gateway, labels};
    use serde_json::json;

    #[test]
    fn with_and_without_the_annotation() {
        let args: Args = serde_json::from_value(json!({
            "environment": "prod", "name": "public", "class": "istio", "internal": true, "annotations": { "a": "b" },
            "address_timeout": "5m"
        }))
        .unwrap();
        let mut object = gateway::render(&args, &Context::default())
            .objects
            .remove(0);
        let without = from_live(LiveObjects { gateway: &object }).0;
        assert_eq!(
            without,
            Args {
                address_timeout: Arg::Absent,
                ..args.clone()
            }
        );
        object.annotate(labels::INTENT, &gateway::intent(&args).to_string());
        assert_eq!(
            from_live(LiveObjects { gateway: &object }),
            (args, Vec::new())
        );
    }
}

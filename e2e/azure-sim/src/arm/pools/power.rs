//! Stopping and starting a pool (AKS docs, "Start and stop a node pool"; example `AgentPools_Stop.json` of the REST reference).

use serde_json::{Value, json};

use super::error;
use crate::http::Refusal;
use crate::operation::Verb;

/// What a stopped pool has to remember.
const SIZE: [&str; 4] = ["count", "enableAutoScaling", "minCount", "maxCount"];

/// Completes a change of the power state: a stopped pool has no nodes and no autoscaler, a started one has again what it had.
/// (What a real pool has after a start is not documented.)
pub(super) fn apply(
    verb: Verb,
    has: &Value,
    after: &mut Value,
    kept: &mut Value,
) -> Result<(), Refusal> {
    match verb {
        Verb::Stop => {
            if has["mode"] == "System" {
                let message = "Stopping a System node pool is not allowed.";
                return Err(error::flat(
                    400,
                    "OperationNotAllowed",
                    message,
                    "agentPoolProfile.powerState",
                ));
            }
            if has["provisioningState"] != "Succeeded" {
                let message = format!(
                    "Stopping a node pool whose provisioning state is {} is not allowed.",
                    has["provisioningState"]
                );
                return Err(error::flat(
                    409,
                    "OperationNotAllowed",
                    &message,
                    "agentPoolProfile.powerState",
                ));
            }
            *kept = SIZE
                .iter()
                .map(|name| ((*name).to_owned(), has[*name].clone()))
                .collect::<serde_json::Map<_, _>>()
                .into();
            after["count"] = 0.into();
            after["enableAutoScaling"] = json!(false);
            super::defaults::settle(after);
        }
        Verb::Start => {
            for (name, value) in kept
                .as_object()
                .into_iter()
                .flatten()
                .filter(|(_, value)| !value.is_null())
            {
                after[name.as_str()] = value.clone();
            }
            *kept = Value::Null;
        }
        _ => {}
    }
    Ok(())
}

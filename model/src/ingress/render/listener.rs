//! TLS listeners on the Gateway. Each ingress owns its entries of the list by a field manager of its own, so that
//! the Gateway's owner and other ingresses never touch them.

use serde_json::{Value, json};

use super::{Factory, certificate, gateway_of, hosts};
use crate::{Object, gateway::API_VERSION, labels};

/// A partial Gateway that holds an ingress' listeners, to be applied on the live one by its own field manager.
/// Applied with an empty list, it takes them away.
#[derive(Clone, Debug, PartialEq)]
pub struct GatewayListeners {
    /// The Gateway with the ingress' listeners and nothing else.
    pub object: Object,
    /// The field manager that owns these entries.
    pub field_manager: String,
}

impl GatewayListeners {
    /// The same Gateway without any listener of the ingress: applying it lets go of them.
    #[must_use]
    pub fn released(&self) -> Self {
        let mut object = self.object.clone();
        object.0["spec"] = json!({});
        Self {
            object,
            field_manager: self.field_manager.clone(),
        }
    }
}

pub(super) fn render(new: &Factory) -> Option<GatewayListeners> {
    let args = new.args;
    let (environment, gateway) = gateway_of(args);
    let secret = certificate::secret_in(args, &environment)?;
    let listeners: Vec<Value> = hosts(args)
        .iter()
        .map(|host| listener(new, host, &secret))
        .collect();
    let object = Object::new(API_VERSION, "Gateway", Some(&environment), &gateway)
        .with("spec", json!({ "listeners": listeners }));
    let field_manager = format!(
        "{}/{}/{}",
        labels::FIELD_MANAGER,
        args.environment.text(),
        args.name.text()
    );
    Some(GatewayListeners {
        object,
        field_manager,
    })
}

/// The listener's name follows from the host: a second ingress for the same host meets a conflict that names the
/// first one.
pub(super) fn name(host: &str) -> String {
    format!("https.{}", host.replace('*', "any"))
}

fn listener(new: &Factory, host: &str, secret: &str) -> Value {
    let only_ours =
        json!({ "matchLabels": { labels::NAMESPACE_NAME: new.args.environment.text() } });
    json!({
        "name": name(host),
        "port": 443,
        "protocol": "HTTPS",
        "hostname": host,
        "tls": { "mode": "Terminate", "certificateRefs": [{ "group": "", "kind": "Secret", "name": secret }] },
        "allowedRoutes": { "namespaces": { "from": "Selector", "selector": only_ours } }
    })
}

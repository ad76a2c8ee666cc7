//! Service.

use serde_json::{Value, json};

use super::{Factory, Live, selector};
use crate::{
    Object,
    object::without_nulls,
    service::{ServicePort, service_ports},
};

pub(super) fn render(new: &Factory, live: &Live) -> Option<Object> {
    let ports: Vec<Value> = service_ports(new.args).iter().map(port).collect();
    if ports.is_empty() {
        return None;
    }
    let spec = json!({ "selector": selector(new.args, live), "ports": ports });
    Some(
        new.namesake("v1", "Service")
            .with("spec", without_nulls(spec)),
    )
}

fn port(port: &ServicePort) -> Value {
    json!({
        "name": port.name,
        "port": port.port,
        "targetPort": port.target,
        "protocol": port.protocol,
        "appProtocol": port.app_protocol,
    })
}

//! What the server warns of in pods and templates, after `k8s.io/kubernetes/pkg/api/pod/warnings.go`: ports that two containers want.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::api::Call;

pub(super) fn warn(call: &Call, live: Option<&Value>, object: &Value) {
    let (spec, path) = match call.kind.kind.as_str() {
        "Pod" => (&object["spec"], "spec"),
        "Deployment" | "ReplicaSet" => (&object["spec"]["template"]["spec"], "spec.template.spec"),
        _ => return,
    };
    if live.is_some_and(|live| live["spec"] == object["spec"]) {
        return;
    }
    let mut of_names = Vec::new();
    let mut names: BTreeMap<&str, String> = BTreeMap::new();
    let mut known: BTreeMap<[String; 4], Vec<String>> = BTreeMap::new();
    for list in ["initContainers", "containers"] {
        for (index, container) in items(&spec[list]) {
            for (number, port) in items(&container["ports"]) {
                let field = format!("{path}.{list}[{index}].ports[{number}]");
                let wanted = ["containerPort", "protocol", "hostIP", "hostPort"];
                let others = known.entry(wanted.map(|member| port[member].to_string()));
                let others = others.or_default();
                for other in others.iter() {
                    call.warn(format!("{field}: duplicate port definition with {other}"));
                }
                others.push(field.clone());
                let name = port["name"].as_str().unwrap_or_default();
                match names.get(name) {
                    _ if name.is_empty() => {}
                    Some(first) => of_names.push(format!(
                        "{field}: duplicate port name {name:?} with {first}, services and probes that select ports by name will use {first}"
                    )),
                    None => drop(names.insert(name, field)),
                }
            }
        }
    }
    // They come after those of numbers.
    for text in of_names {
        call.warn(text);
    }
}

fn items(list: &Value) -> impl Iterator<Item = (usize, &Value)> {
    list.as_array().into_iter().flatten().enumerate()
}

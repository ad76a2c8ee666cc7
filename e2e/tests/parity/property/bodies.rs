//! Random bodies, from few words so that managers meet in the same fields.

use serde_json::{Map, Value, json};

use super::operation::{Dice, Kind};

const WORDS: [&str; 4] = ["red", "green", "blue", ""];
const KEYS: [&str; 4] = ["a", "b", "c", "d.e/f"];

/// What a whole object says besides its name.
pub fn whole(kind: Kind, dice: &mut Dice) -> Value {
    let mut body = json!({});
    if dice.rarely(2) {
        body["metadata"]["labels"] = map(dice, false);
    }
    if dice.rarely(4) {
        body["metadata"]["annotations"] = map(dice, false);
    }
    match kind {
        Kind::ConfigMap => {
            body["data"] = data(dice, false);
            if dice.rarely(10) {
                body["binaryData"] = json!({ "bin": "AAEC" });
            }
        }
        Kind::Service => body["spec"] = service(dice),
        Kind::Deployment => body["spec"] = deployment(dice),
        Kind::Role => body["rules"] = rules(dice),
        Kind::Gateway => {
            body["spec"] = json!({ "gatewayClassName": "none", "listeners": listeners(dice) });
        }
    }
    spoil(&mut body, dice);
    body
}

/// Now and then something is wrong.
fn spoil(body: &mut Value, dice: &mut Dice) {
    match dice.roll(40) {
        0 => body["metadata"]["labels"] = json!({ "bad value": "a b" }),
        1 => body["unheardOf"] = 1.into(),
        3 => body["metadata"]["finalizers"] = json!(["none"]),
        4 => body["metadata"]["annotations"] = Value::Null,
        _ => {}
    }
}

/// Some keys; with `nulls` some of them go.
fn map(dice: &mut Dice, nulls: bool) -> Value {
    let mut map = Map::new();
    for key in KEYS {
        match dice.roll(4) {
            0 if nulls => drop(map.insert(key.to_owned(), Value::Null)),
            1 | 2 => drop(map.insert(key.to_owned(), (*dice.one_of(&WORDS)).into())),
            _ => {}
        }
    }
    map.into()
}

fn data(dice: &mut Dice, nulls: bool) -> Value {
    let mut map = map(dice, nulls);
    if let Some(members) = map.as_object_mut() {
        members.remove("d.e/f"); // no key of data
    }
    if dice.rarely(30) {
        map["a b"] = "x".into();
    }
    map
}

fn service(dice: &mut Dice) -> Value {
    let all = [
        json!({ "name": "http", "port": 80 }),
        json!({ "name": "https", "port": 443, "targetPort": "tls" }),
        json!({ "name": "dns", "port": 53, "protocol": "UDP" }),
    ];
    let mut spec = json!({ "ports": some(dice, &all) });
    if dice.rarely(2) {
        spec["selector"] = json!({ "app": *dice.one_of(&["x", "y"]) });
    }
    if dice.rarely(6) {
        spec["sessionAffinity"] = (*dice.one_of(&["None", "ClientIP"])).into();
    }
    spec
}

/// Paused, so that the deployment controller makes no replica sets.
fn deployment(dice: &mut Dice) -> Value {
    let mut spec = json!({
        "paused": true,
        "selector": { "matchLabels": { "app": "x" } },
        "template": { "metadata": { "labels": { "app": "x" } }, "spec": { "containers": containers(dice) } },
    });
    if dice.rarely(2) {
        spec["replicas"] = dice.roll(3).into();
    }
    if dice.rarely(5) {
        spec["strategy"] = match dice.roll(3) {
            0 => json!({ "type": "Recreate" }),
            1 => json!({ "rollingUpdate": { "maxSurge": 1 } }),
            _ => json!({ "type": "RollingUpdate", "rollingUpdate": { "maxUnavailable": "10%" } }),
        };
    }
    if dice.rarely(6) {
        spec["template"]["spec"]["volumes"] = json!([{ "name": "tmp", "emptyDir": {} }]);
    }
    if dice.rarely(8) {
        spec["template"]["spec"]["tolerations"] = json!([{ "key": "a", "operator": "Exists" }]);
    }
    spec
}

fn containers(dice: &mut Dice) -> Value {
    let mut all: Vec<Value> = ["app", "side"]
        .iter()
        .map(|name| container(name, dice))
        .collect();
    if dice.rarely(3) {
        all.reverse();
    }
    if dice.rarely(2) {
        all.truncate(1);
    }
    all.into()
}

fn container(name: &str, dice: &mut Dice) -> Value {
    let mut container = json!({
        "name": name,
        "image": format!("registry.example/{name}:{}", dice.roll(2)),
    });
    if dice.rarely(2) {
        let all = [
            json!({ "name": "A", "value": *dice.one_of(&WORDS) }),
            json!({ "name": "B", "value": *dice.one_of(&WORDS) }),
        ];
        container["env"] = some(dice, &all).into();
    }
    if dice.rarely(3) {
        let all = [
            json!({ "name": "http", "containerPort": 80 }),
            json!({ "containerPort": 81 }),
        ];
        container["ports"] = some(dice, &all).into();
    }
    if dice.rarely(3) {
        container["resources"] =
            json!({ "requests": { "cpu": *dice.one_of(&["100m", "0.2", "1"]) } });
    }
    if dice.rarely(4) {
        container["args"] = json!(["serve", *dice.one_of(&WORDS)]);
    }
    container
}

fn some(dice: &mut Dice, all: &[Value]) -> Vec<Value> {
    let chosen: Vec<Value> = all.iter().filter(|_| !dice.rarely(3)).cloned().collect();
    if chosen.is_empty() {
        return vec![all[0].clone()];
    }
    chosen
}

fn rules(dice: &mut Dice) -> Value {
    let all = [
        json!({ "apiGroups": [""], "resources": ["pods"], "verbs": ["get"] }),
        json!({ "apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["list", "watch"] }),
    ];
    some(dice, &all).into()
}

fn listeners(dice: &mut Dice) -> Value {
    let all = [
        json!({ "name": "http", "port": 80, "protocol": "HTTP" }),
        json!({ "name": "other", "port": 8080, "protocol": "HTTP", "hostname": *dice.one_of(&["a.example", "b.example"]) }),
    ];
    some(dice, &all).into()
}

/// A part, with `null`s.
pub fn merge(kind: Kind, dice: &mut Dice) -> Value {
    let mut patch = json!({});
    if dice.rarely(3) {
        patch["metadata"]["labels"] = map(dice, true);
    }
    if dice.rarely(4) {
        patch["metadata"]["annotations"] = map(dice, true);
    }
    match kind {
        Kind::ConfigMap => patch["data"] = data(dice, true),
        Kind::Service => match dice.roll(3) {
            0 => patch["spec"]["selector"] = Value::Null,
            1 => patch["spec"]["sessionAffinity"] = "None".into(),
            _ => patch["spec"]["ports"] = service(dice)["ports"].take(),
        },
        Kind::Deployment => match dice.roll(4) {
            0 => patch["spec"]["replicas"] = dice.roll(3).into(),
            1 => patch["spec"]["template"]["spec"]["containers"] = containers(dice),
            2 => patch["spec"]["strategy"] = Value::Null,
            _ => patch["spec"]["minReadySeconds"] = dice.roll(3).into(),
        },
        Kind::Role => patch["rules"] = rules(dice),
        Kind::Gateway => patch["spec"]["listeners"] = listeners(dice),
    }
    patch
}

/// One to three steps.
pub fn json_patch(kind: Kind, dice: &mut Dice) -> Value {
    let places: &[&str] = match kind {
        Kind::ConfigMap => &["/data/a", "/data/b", "/data"],
        Kind::Service => &["/spec/ports/0/port", "/spec/selector/app", "/spec/ports/-"],
        Kind::Deployment => &[
            "/spec/replicas",
            "/spec/template/spec/containers/0/image",
            "/spec/template/spec/containers/0/env",
        ],
        Kind::Role => &["/rules/0/verbs/0", "/rules/-", "/rules"],
        Kind::Gateway => &[
            "/spec/listeners/0/port",
            "/spec/listeners/1",
            "/spec/addresses",
        ],
    };
    let labels = [
        "/metadata/labels",
        "/metadata/labels/a",
        "/metadata/annotations/b",
    ];
    let steps = 1 + dice.roll(2);
    let step = |dice: &mut Dice| {
        let path = *dice.one_of(&[places, &labels[..]].concat());
        let value = match path {
            "/data" | "/metadata/labels" => json!({ "a": "x" }),
            "/spec/ports/0/port" | "/spec/listeners/0/port" => json!(8081),
            "/spec/ports/-" => json!({ "name": "more", "port": 9 }),
            "/spec/replicas" => json!(2),
            "/spec/template/spec/containers/0/env" => json!([{ "name": "C", "value": "c" }]),
            "/rules/-" => json!({ "apiGroups": [""], "resources": ["secrets"], "verbs": ["get"] }),
            "/rules" | "/spec/addresses" => json!([]),
            _ => json!("x"),
        };
        match *dice.one_of(&["add", "add", "replace", "remove", "test"]) {
            "remove" => json!({ "op": "remove", "path": path }),
            op => json!({ "op": op, "path": path, "value": value }),
        }
    };
    (0..steps).map(|_| step(dice)).collect()
}

/// A merge patch that knows the keys of lists, with directives.
pub fn strategic(kind: Kind, dice: &mut Dice) -> Value {
    match (kind, dice.roll(5)) {
        (Kind::Deployment, 0) => {
            json!({ "spec": { "template": { "spec": { "containers": [{ "name": "side", "$patch": "delete" }] } } } })
        }
        (Kind::Deployment, 1) => {
            json!({ "spec": { "template": { "spec": { "containers": [container("app", dice)] } } } })
        }
        (Kind::Deployment, 2) => {
            json!({ "spec": { "template": { "spec": {
                "$setElementOrder/containers": [{ "name": "side" }, { "name": "app" }],
                "containers": [container("side", dice)],
            } } } })
        }
        (Kind::Deployment, 3) => {
            json!({ "spec": { "strategy": { "$retainKeys": ["type"], "type": "Recreate" } } })
        }
        (Kind::Service, 0) => {
            json!({ "spec": { "ports": [{ "port": 80, "$patch": "delete" }] } })
        }
        (Kind::Service, 1) => {
            json!({ "spec": { "ports": [{ "port": 80, "name": "web" }] } })
        }
        (Kind::ConfigMap, 0) => json!({ "data": { "$patch": "replace", "z": "z" } }),
        (Kind::ConfigMap, 1) => json!({ "data": null }),
        _ => merge(kind, dice),
    }
}

pub fn gateway_status(dice: &mut Dice) -> Value {
    json!({ "status": { "addresses": [{ "type": "IPAddress", "value": format!("10.0.0.{}", dice.roll(3)) }] } })
}

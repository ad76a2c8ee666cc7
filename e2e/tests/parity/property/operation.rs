//! One random request.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::bodies;
use crate::exchange::{Answer, Exchange};

pub const NAMESPACE: &str = "property";
const NAMES: [&str; 3] = ["one", "two", "three"];
const MANAGERS: [&str; 3] = ["ann", "bob", "kubectl"];

/// Chance that repeats itself: splitmix64.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Dice {
        Dice(seed)
    }

    /// Less than `sides`.
    pub fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ (mixed >> 31)) % sides as u64).unwrap()
    }

    /// True once in `sides` rolls.
    pub fn rarely(&mut self, sides: usize) -> bool {
        self.roll(sides) == 0
    }

    pub fn one_of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.roll(all.len())]
    }
}

/// Kinds with different ways of merging, of being checked, and of being deleted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    ConfigMap,
    Service,
    Deployment,
    Role,
    Gateway,
}

const KINDS: [Kind; 7] = [
    Kind::ConfigMap,
    Kind::Service,
    Kind::Deployment,
    Kind::Deployment,
    Kind::Role,
    Kind::Gateway,
    Kind::ConfigMap,
];

impl Kind {
    pub fn api_version(self) -> &'static str {
        match self {
            Kind::ConfigMap | Kind::Service => "v1",
            Kind::Deployment => "apps/v1",
            Kind::Role => "rbac.authorization.k8s.io/v1",
            Kind::Gateway => "gateway.networking.k8s.io/v1",
        }
    }

    fn plural(self) -> &'static str {
        match self {
            Kind::ConfigMap => "configmaps",
            Kind::Service => "services",
            Kind::Deployment => "deployments",
            Kind::Role => "roles",
            Kind::Gateway => "gateways",
        }
    }
}

/// An object.
pub struct Target {
    pub kind: Kind,
    pub name: &'static str,
}

impl Target {
    fn collection(&self) -> String {
        let version = self.kind.api_version();
        let root = if version.contains('/') { "apis" } else { "api" };
        format!(
            "/{root}/{version}/namespaces/{NAMESPACE}/{}",
            self.kind.plural()
        )
    }

    pub fn path(&self) -> String {
        format!("{}/{}", self.collection(), self.name)
    }

    /// A whole object with what a body says.
    fn object(&self, mut body: Value) -> Value {
        body["apiVersion"] = self.kind.api_version().into();
        body["kind"] = format!("{:?}", self.kind).into();
        body["metadata"]["name"] = self.name.into();
        body
    }
}

/// A request with a body.
fn with(method: &str, path: String, content: &str, body: Value) -> Exchange {
    let mut headers = Map::new();
    headers.insert("content-type".to_owned(), content.into());
    Exchange {
        name: String::new(),
        method: method.to_owned(),
        path,
        headers,
        body,
        keep: BTreeMap::new(),
        until: BTreeMap::new(),
        ignore: Vec::new(),
        answer: Answer::default(),
    }
}

/// A request without one.
pub fn plain(method: &str, path: &str) -> Exchange {
    with(method, path.to_owned(), "application/json", Value::Null)
}

/// Lets go of an object that a random finalizer holds.
pub fn release(path: &str) -> Exchange {
    let body = json!({ "metadata": { "finalizers": null } });
    with(
        "PATCH",
        path.to_owned(),
        "application/merge-patch+json",
        body,
    )
}

/// Makes the namespace.
pub fn beginning() -> Vec<Exchange> {
    let namespace =
        json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": NAMESPACE } });
    let path = format!("/api/v1/namespaces/{NAMESPACE}/serviceaccounts/default");
    let mut account = plain("GET", &path);
    account.until.insert("/status".to_owned(), 200.into());
    vec![
        with(
            "POST",
            "/api/v1/namespaces".to_owned(),
            "application/json",
            namespace,
        ),
        account,
    ]
}

/// Any request about any object.
pub fn random(dice: &mut Dice) -> (Target, Exchange) {
    let target = Target {
        kind: *dice.one_of(&KINDS),
        name: NAMES[dice.roll(NAMES.len())],
    };
    let manager = *dice.one_of(&MANAGERS);
    let dry = if dice.rarely(8) { "&dryRun=All" } else { "" };
    let strict = *dice.one_of(&["", "", "&fieldValidation=Strict", "&fieldValidation=Ignore"]);
    let query = format!("?fieldManager={manager}{dry}{strict}");
    let (path, collection) = (target.path() + &query, target.collection() + &query);
    let exchange = match dice.roll(20) {
        0..=6 => {
            let force = if dice.rarely(2) { "&force=true" } else { "" };
            let body = target.object(bodies::whole(target.kind, dice));
            with("PATCH", path + force, "application/apply-patch+yaml", body)
        }
        7..=9 => with(
            "PATCH",
            path,
            "application/merge-patch+json",
            bodies::merge(target.kind, dice),
        ),
        10..=11 => with(
            "PATCH",
            path,
            "application/json-patch+json",
            bodies::json_patch(target.kind, dice),
        ),
        12..=13 => with(
            "PATCH",
            path,
            "application/strategic-merge-patch+json",
            bodies::strategic(target.kind, dice),
        ),
        14..=15 => {
            let body = target.object(bodies::whole(target.kind, dice));
            with("PUT", path, "application/json", body)
        }
        16 => {
            let body = target.object(bodies::whole(target.kind, dice));
            with("POST", collection, "application/json", body)
        }
        17 => deletion(&target, dry, dice),
        18 if target.kind == Kind::Deployment => scale(&target, &query, dice),
        18 if target.kind == Kind::Gateway => with(
            "PATCH",
            format!("{}/status{query}", target.path()),
            "application/merge-patch+json",
            bodies::gateway_status(dice),
        ),
        _ => plain("GET", &target.path()),
    };
    (target, exchange)
}

fn deletion(target: &Target, dry: &str, dice: &mut Dice) -> Exchange {
    let policy = *dice.one_of(&["Background", "Foreground", "Orphan"]);
    let body = json!({ "kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": policy });
    // A dry run leaves the object: nothing is waited for.
    let (path, body) = if dry.is_empty() {
        (target.path(), body)
    } else {
        (format!("{}/none?dryRun=All", target.collection()), body)
    };
    with("DELETE", path, "application/json", body)
}

fn scale(target: &Target, query: &str, dice: &mut Dice) -> Exchange {
    let path = format!("{}/scale{query}", target.path());
    let replicas = dice.roll(3);
    if dice.rarely(2) {
        let body = json!({ "spec": { "replicas": replicas } });
        return with("PATCH", path, "application/merge-patch+json", body);
    }
    let body = json!({
        "apiVersion": "autoscaling/v1", "kind": "Scale",
        "metadata": { "name": target.name, "namespace": NAMESPACE },
        "spec": { "replicas": replicas },
    });
    with("PUT", path, "application/json", body)
}

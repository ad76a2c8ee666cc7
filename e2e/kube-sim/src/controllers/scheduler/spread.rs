//! Topology spread: how many pods like this one are in each domain already.

use std::collections::HashMap;

use serde_json::Value;

use super::message::Refusal;
use crate::controllers::World;
use crate::controllers::kinds::{NODE, POD};
use crate::controllers::object::{self, list, namespace, number, text};
use crate::controllers::selector::{has_all, selects};

pub struct Spread<'a> {
    constraints: Vec<Constraint<'a>>,
}

struct Constraint<'a> {
    key: &'a str,
    hard: bool,
    most_skew: i64,
    /// Whether the pod counts itself.
    own: i64,
    /// Matching pods by the value of the key.
    counts: HashMap<&'a str, i64>,
}

const HOSTNAME: &str = "kubernetes.io/hostname";

impl<'a> Spread<'a> {
    /// The pod's own constraints, else the default one: apart from the other pods of its controller.
    pub fn of(world: &'a World, pod: &'a Value, nodes: &[&'a Value]) -> Spread<'a> {
        let own = list(pod, "/spec/topologySpreadConstraints");
        if own.is_empty() {
            return Spread {
                constraints: vec![by_default(world, pod, nodes)],
            };
        }
        Spread {
            constraints: own
                .iter()
                .map(|constraint| explicit(world, pod, constraint, nodes))
                .collect(),
        }
    }

    /// Why a hard constraint keeps the pod from a node (`Filter` of the plugin PodTopologySpread).
    pub fn refusal(&self, node: &Value) -> Option<Refusal> {
        self.constraints
            .iter()
            .filter(|constraint| constraint.hard)
            .find_map(|constraint| {
                let words = "node(s) didn't match pod topology spread constraints";
                let Some(domain) = domain(node, constraint.key) else {
                    return Some(Refusal::for_good(&format!(
                        "{words} (missing required label)"
                    )));
                };
                let here = constraint.counts.get(domain).copied().unwrap_or(0);
                let least = constraint.counts.values().min().copied().unwrap_or(0);
                (here + constraint.own - least > constraint.most_skew).then(|| Refusal {
                    reasons: vec![words.to_owned()],
                    resolvable: true,
                })
            })
    }

    /// How crowded a node's domains are; fewer is better.
    pub fn crowd(&self, node: &Value) -> i64 {
        let counts = self.constraints.iter().map(|constraint| {
            let here =
                domain(node, constraint.key).and_then(|domain| constraint.counts.get(domain));
            here.copied().unwrap_or(0)
        });
        counts.sum()
    }
}

fn domain<'a>(node: &'a Value, key: &str) -> Option<&'a str> {
    object::labels(node)?.get(key)?.as_str()
}

fn explicit<'a>(
    world: &'a World,
    pod: &'a Value,
    constraint: &'a Value,
    nodes: &[&'a Value],
) -> Constraint<'a> {
    let key = text(constraint, "/topologyKey");
    let selector = &constraint["labelSelector"];
    // Labels whose values the pod itself gives, such as pod-template-hash.
    let mut same = serde_json::Map::new();
    for key in list(constraint, "/matchLabelKeys")
        .iter()
        .filter_map(Value::as_str)
    {
        if let Some(value) = object::labels(pod).and_then(|labels| labels.get(key)) {
            same.insert(key.to_owned(), value.clone());
        }
    }
    let matches = |other: &&Value| {
        let labels = object::labels(other);
        selects(selector, labels) && has_all(labels, &same)
    };
    let pods = world.selected(&POD.resource, namespace(pod), selector);
    Constraint {
        key,
        hard: constraint["whenUnsatisfiable"] == "DoNotSchedule",
        most_skew: number(constraint, "/maxSkew").unwrap_or(1),
        own: i64::from(matches(&pod)),
        counts: count(world, key, nodes, pods.into_iter().filter(matches)),
    }
}

fn by_default<'a>(world: &'a World, pod: &Value, nodes: &[&'a Value]) -> Constraint<'a> {
    let owner = object::controller(pod).and_then(|owner| owner["uid"].as_str());
    let siblings = owner.map(|owner| world.controlled_by(owner, &POD.resource));
    Constraint {
        key: HOSTNAME,
        hard: false,
        most_skew: 1,
        own: 1,
        counts: count(world, HOSTNAME, nodes, siblings.into_iter().flatten()),
    }
}

/// Living pods by domain, with a zero for domains that have none.
fn count<'a, 'b>(
    world: &'a World,
    key: &str,
    nodes: &[&'a Value],
    pods: impl Iterator<Item = &'b Value>,
) -> HashMap<&'a str, i64> {
    let mut counts: HashMap<&str, i64> = nodes
        .iter()
        .filter_map(|node| Some((domain(node, key)?, 0)))
        .collect();
    for pod in pods.filter(|pod| !object::terminating(pod)) {
        let node = world.find(&NODE.resource, "", text(pod, "/spec/nodeName"));
        if let Some(domain) = node.and_then(|node| domain(node, key)) {
            *counts.entry(domain).or_default() += 1;
        }
    }
    counts
}

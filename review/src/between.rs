//! What differs between two environments: what is on one side only, and what both have with other values. Values are
//! told where a review would show them, secrets by their keys.

mod part;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

pub use part::Part;

/// What stands beside each other in two environments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sort {
    /// The environment itself.
    Environment,
    /// A service in it.
    Service,
    /// An ingress in it.
    Ingress,
}

impl Sort {
    /// The sort of a resource type of ours; nothing for types that are not compared.
    pub fn of(type_name: &str) -> Option<Self> {
        match type_name {
            "seedling_environment" => Some(Self::Environment),
            "seedling_service" => Some(Self::Service),
            "seedling_ingress" => Some(Self::Ingress),
            _ => None,
        }
    }

    /// The type of the resource.
    pub fn type_name(self) -> &'static str {
        match self {
            Self::Environment => "seedling_environment",
            Self::Service => "seedling_service",
            Self::Ingress => "seedling_ingress",
        }
    }

    fn subject(self, name: &str) -> String {
        match self {
            Self::Environment => "the environment itself".to_owned(),
            Self::Service => format!("service {name}"),
            Self::Ingress => format!("ingress {name}"),
        }
    }
}

/// A resource, as far as it is compared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Thing {
    /// Path of an argument → what it holds.
    pub parts: BTreeMap<String, Part>,
    /// Names of its secret variables and files; nothing where they are not known.
    pub secrets: Option<BTreeSet<String>>,
}

/// One environment with what is in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Side {
    /// Its name.
    pub name: String,
    /// What is in it, by name.
    pub things: BTreeMap<(Sort, String), Thing>,
}

impl Side {
    /// An environment of which nothing is known yet.
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            things: BTreeMap::new(),
        }
    }

    /// Whether both have a service of the same name: only then do they stand beside each other.
    fn resembles(&self, other: &Self) -> bool {
        let shared = |(sort, name): &(Sort, String)| {
            *sort == Sort::Service && other.things.contains_key(&(*sort, name.clone()))
        };
        self.things.keys().any(shared)
    }
}

/// How one side stands to a point.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stand {
    /// It has nothing of the kind.
    Absent,
    /// It has it, and the value is not shown.
    Present,
    /// It has this value.
    Value(String),
}

/// One point in which two environments differ.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// What it is about, such as `service api`.
    pub subject: String,
    /// Path of the argument, `secret KEY` for the key of a secret; empty where the subject is on one side only.
    pub path: String,
    /// How the first environment stands to it.
    pub one: Stand,
    /// How the second one does.
    pub other: Stand,
}

/// Two environments beside each other.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Between {
    /// Name of the first.
    pub one: String,
    /// Name of the second.
    pub other: String,
    /// In what they differ, by subject and path.
    pub differences: Vec<Difference>,
}

/// Compares two environments.
pub fn compare(one: &Side, other: &Side) -> Between {
    let keys: BTreeSet<&(Sort, String)> = one.things.keys().chain(other.things.keys()).collect();
    let mut differences = Vec::new();
    for key in keys {
        let subject = key.0.subject(&key.1);
        match (one.things.get(key), other.things.get(key)) {
            (Some(one), Some(other)) => of_thing(&subject, one, other, &mut differences),
            (one, other) => differences.push(Difference {
                subject,
                path: String::new(),
                one: presence(one.is_some()),
                other: presence(other.is_some()),
            }),
        }
    }
    Between {
        one: one.name.clone(),
        other: other.name.clone(),
        differences,
    }
}

/// Compares each environment with the next one that has services of the same names: dev with staging, staging with
/// prod.
pub fn compare_all(sides: &[Side]) -> Vec<Between> {
    let next = |index: usize| {
        let side = &sides[index];
        let later = sides[index + 1..].iter().find(|it| side.resembles(it));
        later.map(|later| compare(side, later))
    };
    (0..sides.len()).filter_map(next).collect()
}

fn of_thing(subject: &str, one: &Thing, other: &Thing, differences: &mut Vec<Difference>) {
    let first = differences.len();
    let paths: BTreeSet<&String> = one.parts.keys().chain(other.parts.keys()).collect();
    for path in paths {
        let (one, other) = (one.parts.get(path), other.parts.get(path));
        if one != other {
            differences.push(Difference {
                subject: subject.to_owned(),
                path: path.clone(),
                one: stand(one),
                other: stand(other),
            });
        }
    }
    if let (Some(one), Some(other)) = (&one.secrets, &other.secrets) {
        differences.extend(one.symmetric_difference(other).map(|key| Difference {
            subject: subject.to_owned(),
            path: format!("secret {key}"),
            one: presence(one.contains(key)),
            other: presence(other.contains(key)),
        }));
    }
    differences[first..].sort_by_key(|it| rank(&it.path));
}

/// What runs, and what keeps it from running, before everything else.
fn rank(path: &str) -> u8 {
    match path {
        "image" => 0,
        path if path.starts_with("secret ") => 1,
        _ => 2,
    }
}

fn presence(is_there: bool) -> Stand {
    if is_there {
        Stand::Present
    } else {
        Stand::Absent
    }
}

fn stand(part: Option<&Part>) -> Stand {
    match part {
        None => Stand::Absent,
        Some(part) => part.shown.clone().map_or(Stand::Present, Stand::Value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn side(name: &str, services: &[(&str, serde_json::Value, &[&str])]) -> Side {
        let mut side = Side::new(name);
        for (name, arguments, secrets) in services {
            let mut thing = Thing::of_arguments(Sort::Service, arguments);
            thing.secrets = Some(secrets.iter().map(|it| (*it).to_owned()).collect());
            side.things
                .insert((Sort::Service, (*name).to_owned()), thing);
        }
        side
    }

    fn lines(between: &Between) -> Vec<String> {
        let line =
            |it: &Difference| format!("{} {} {:?} {:?}", it.subject, it.path, it.one, it.other);
        between.differences.iter().map(line).collect()
    }

    #[test]
    fn keys_of_secrets_and_shown_values_are_told_and_no_others() {
        let api = |image: &str, level: &str, replicas: serde_json::Value| {
            json!({ "environment": "x", "name": "api", "image": image, "replicas": replicas, "port": 80,
                "config": { "LEVEL": level, "SAME": "1" }, "secrets": { "A": null } })
        };
        let dev = side(
            "dev",
            &[
                ("api", api("a:2", "debug-canary", json!(null)), &["A", "B"]),
                ("worker", json!({}), &[]),
            ],
        );
        let prod = side(
            "prod",
            &[("api", api("a:1", "info-canary", json!(2)), &["A"])],
        );
        let between = compare(&dev, &prod);
        assert_eq!(
            lines(&between),
            [
                r#"service api image Value("a:2") Value("a:1")"#,
                "service api secret B Present Absent",
                "service api config.LEVEL Present Present",
                r#"service api replicas Absent Value("2")"#,
                "service worker  Present Absent",
            ]
        );
        assert!(!serde_json::to_string(&between).unwrap().contains("canary"));
        assert_eq!(compare(&dev, &dev).differences, []);
    }

    #[test]
    fn only_environments_that_resemble_each_other_are_compared() {
        let of = |name: &str, service: &str| side(name, &[(service, json!({}), &[])]);
        let sides = [
            of("dev", "api"),
            of("monitoring", "grafana"),
            of("staging", "api"),
            of("prod", "api"),
        ];
        let pairs: Vec<(String, String)> = compare_all(&sides)
            .into_iter()
            .map(|it| (it.one, it.other))
            .collect();
        assert_eq!(
            pairs,
            [
                ("dev".to_owned(), "staging".to_owned()),
                ("staging".to_owned(), "prod".to_owned())
            ]
        );
    }
}

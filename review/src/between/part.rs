//! Arguments in a form that can be compared and holds no value that may not be shown.

use std::{
    collections::{BTreeMap, BTreeSet},
    hash::{DefaultHasher, Hash, Hasher},
};

use serde_json::Value as Json;

use super::{Sort, Thing};
use crate::{
    judge::attributes,
    plan::{Change, Leaf, flatten},
};

/// The value of one argument: what it is equal to, and its text where it may be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    hash: u64,
    /// The text, where nothing speaks against showing it.
    pub shown: Option<String>,
}

impl Part {
    fn new(leaf: &Leaf, shows: bool) -> Self {
        let mut hasher = DefaultHasher::new();
        match leaf {
            Leaf::Known(value) => value.to_string().hash(&mut hasher),
            Leaf::Unknown => false.hash(&mut hasher),
        }
        Self {
            hash: hasher.finish(),
            shown: attributes::text(leaf).filter(|_| shows),
        }
    }
}

/// Arguments that two environments never share, or that say nothing of what runs.
const APART: [&str; 8] = [
    "environment",
    "name",
    "labels",
    "annotations",
    "adopt",
    "secrets",
    "secret_files",
    "secrets_version",
];

impl Thing {
    /// From arguments in JSON, as the model writes them: absent ones are null.
    pub fn of_arguments(sort: Sort, arguments: &Json) -> Self {
        let mut thing = Self::default();
        let members = arguments.as_object().into_iter().flatten();
        for (name, value) in members.filter(|(name, _)| is_compared(name)) {
            let mut leaves = BTreeMap::new();
            flatten(name, value, &Json::Null, &mut leaves);
            thing.add(sort, name, leaves, false);
        }
        thing
    }

    /// From a plan: what will be.
    pub fn of_change(sort: Sort, change: &Change) -> Self {
        let mut thing = Self::default();
        for name in change
            .values
            .names()
            .into_iter()
            .filter(|it| is_compared(it))
        {
            let leaves = change.values.leaves_after(&name);
            thing.add(sort, &name, leaves, change.values.is_masked(&name));
        }
        // While anything else changes the digests are not known; their keys seldom change with it.
        let digests = [
            change.values.after("secret_digests"),
            change.values.before("secret_digests"),
        ];
        let keys = digests.into_iter().find_map(Json::as_object);
        thing.secrets = keys.map(|keys| keys.keys().cloned().collect::<BTreeSet<_>>());
        thing
    }

    fn add(&mut self, sort: Sort, name: &str, leaves: BTreeMap<String, Leaf>, masked: bool) {
        let shows = !masked && attributes::shown(sort.type_name()).contains(&name);
        for (path, leaf) in leaves {
            let nothing = match &leaf {
                Leaf::Known(Json::Null) => true,
                Leaf::Known(Json::Object(members)) => members.is_empty(),
                _ => false,
            };
            if !nothing {
                // Names inside something masked may be as secret as the values.
                let path = if masked { name.to_owned() } else { path };
                self.parts.insert(path, Part::new(&leaf, shows));
            }
        }
    }
}

fn is_compared(name: &str) -> bool {
    !attributes::is_computed(name) && !APART.contains(&name)
}

//! Who has which labels, and who selects by which: so that neither question looks at every object.

use std::collections::{BTreeSet, HashMap};

use serde_json::{Map, Value};

use crate::controllers::object;
use crate::store::{Key, Resource};

/// Keys by a resource, a namespace and one label.
type Index = HashMap<Place, BTreeSet<Key>>;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Place {
    resource: Resource,
    namespace: String,
    /// Empty for selectors that have no plain pair.
    label: (String, String),
}

/// Both indexes.
#[derive(Default)]
pub struct Labels {
    having: Index,
    selecting: Index,
}

impl Labels {
    /// Takes in an object.
    pub fn note(&mut self, key: &Key, object: &Value) {
        for place in having(key, object) {
            self.having.entry(place).or_default().insert(key.clone());
        }
        if let Some(place) = selecting(key, object) {
            self.selecting.entry(place).or_default().insert(key.clone());
        }
    }

    /// Forgets an object.
    pub fn forget(&mut self, key: &Key, object: &Value) {
        for place in having(key, object) {
            remove(&mut self.having, &place, key);
        }
        if let Some(place) = selecting(key, object) {
            remove(&mut self.selecting, &place, key);
        }
    }

    /// The few objects that can have all pairs; none is told where there is no pair to go by.
    pub fn candidates(
        &self,
        resource: &Resource,
        namespace: &str,
        pairs: &Map<String, Value>,
    ) -> Option<BTreeSet<Key>> {
        let places = pairs.iter().map(|pair| place(resource, namespace, pair));
        let sets = places.map(|place| self.having.get(&place));
        let smallest = sets.min_by_key(|set| set.map_or(0, BTreeSet::len))?;
        Some(smallest.cloned().unwrap_or_default())
    }

    /// The few objects whose selector can select labels.
    pub fn selectors(
        &self,
        resource: &Resource,
        namespace: &str,
        labels: Option<&Map<String, Value>>,
    ) -> BTreeSet<Key> {
        let pairs = labels.into_iter().flatten();
        let places = pairs.map(|pair| place(resource, namespace, pair));
        let unspecific = no_pair(resource, namespace);
        let sets = places
            .chain([unspecific])
            .filter_map(|place| self.selecting.get(&place));
        sets.flatten().cloned().collect()
    }
}

fn place(resource: &Resource, namespace: &str, (name, value): (&String, &Value)) -> Place {
    Place {
        resource: resource.clone(),
        namespace: namespace.to_owned(),
        label: (name.clone(), value.as_str().unwrap_or_default().to_owned()),
    }
}

fn no_pair(resource: &Resource, namespace: &str) -> Place {
    Place {
        resource: resource.clone(),
        namespace: namespace.to_owned(),
        label: (String::new(), String::new()),
    }
}

fn having(key: &Key, object: &Value) -> Vec<Place> {
    let labels = object::labels(object).into_iter().flatten();
    labels
        .map(|pair| place(&key.resource, &key.namespace, pair))
        .collect()
}

/// By the first pair of its selector, which is a plain map for a Service.
fn selecting(key: &Key, object: &Value) -> Option<Place> {
    let selector = object["spec"]["selector"].as_object()?;
    let pairs = match selector.get("matchLabels") {
        Some(pairs) => pairs.as_object(),
        None if selector.contains_key("matchExpressions") => None,
        None => Some(selector),
    };
    let first = pairs.and_then(|pairs| pairs.iter().next());
    let at = first.map(|pair| place(&key.resource, &key.namespace, pair));
    Some(at.unwrap_or_else(|| no_pair(&key.resource, &key.namespace)))
}

fn remove(index: &mut Index, place: &Place, key: &Key) {
    if let Some(keys) = index.get_mut(place) {
        keys.remove(key);
        if keys.is_empty() {
            index.remove(place);
        }
    }
}

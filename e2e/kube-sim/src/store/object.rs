//! An object as it is kept: its text, a tenth of the memory that a tree of values takes. The tree is made when somebody looks at it,
//! and shared as long as anybody does.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use serde::Serializer;
use serde_json::Value;

/// A kept object.
#[derive(Debug)]
pub struct Object {
    api_version: Option<Box<str>>,
    kind: Option<Box<str>>,
    /// All other members, as JSON.
    rest: Box<str>,
    labels: Box<[(Box<str>, Box<str>)]>,
    tree: Mutex<Weak<Value>>,
}

impl Object {
    /// Keeps an object.
    pub(crate) fn of(tree: &Arc<Value>) -> Object {
        let text = |member: &str| tree[member].as_str().map(Box::from);
        let labels = tree["metadata"]["labels"].as_object().into_iter().flatten();
        let labels =
            labels.filter_map(|(name, value)| Some((name.as_str().into(), value.as_str()?.into())));
        Object {
            api_version: text("apiVersion"),
            kind: text("kind"),
            rest: rest(tree).into(),
            labels: labels.collect(),
            tree: Mutex::new(Arc::downgrade(tree)),
        }
    }

    /// The object as a tree of values.
    pub fn tree(&self) -> Arc<Value> {
        let mut shared = self.tree.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tree) = shared.upgrade() {
            return tree;
        }
        let mut tree: Value = serde_json::from_str(&self.rest).unwrap_or_default();
        for (name, text) in [("apiVersion", &self.api_version), ("kind", &self.kind)] {
            if let Some(text) = text {
                tree[name] = (**text).into();
            }
        }
        let tree = Arc::new(tree);
        *shared = Arc::downgrade(&tree);
        tree
    }

    /// The value of a label.
    pub fn label(&self, name: &str) -> Option<&str> {
        let found = self.labels.iter().find(|(key, _)| **key == *name);
        found.map(|(_, value)| &**value)
    }

    /// Its JSON without `kind` and `apiVersion`, as items of a list are written.
    pub fn bare_text(&self) -> &str {
        &self.rest
    }

    /// Its JSON, in a version.
    pub fn text(&self, api_version: &str) -> String {
        let kind = self.kind.as_deref().unwrap_or_default();
        let head = format!(
            "{{\"kind\":{},\"apiVersion\":{}",
            Value::from(kind),
            Value::from(api_version)
        );
        match self.rest.strip_prefix('{') {
            Some("}") | None => head + "}",
            Some(members) => head + "," + members,
        }
    }
}

fn rest(tree: &Value) -> String {
    let members = tree.as_object().into_iter().flatten();
    let members = members.filter(|(name, _)| !["apiVersion", "kind"].contains(&name.as_str()));
    let mut text = Vec::new();
    let written = serde_json::Serializer::new(&mut text).collect_map(members);
    written
        .ok()
        .and_then(|()| String::from_utf8(text).ok())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_tree_that_nobody_holds_is_made_again() {
        let tree = Arc::new(json!({
            "apiVersion": "v1", "kind": "Thing", "metadata": {"labels": {"a": "b"}}, "size": 1.50, "Upper": null,
        }));
        let object = Object::of(&tree);
        assert!(Arc::ptr_eq(&tree, &object.tree()));
        let before = Value::clone(&tree);
        drop(tree);
        assert_eq!(*object.tree(), before);
        assert_eq!(object.label("a"), Some("b"));
        assert_eq!(object.label("b"), None);
        let text: Value = serde_json::from_str(&object.text("v2")).unwrap();
        assert_eq!(text["apiVersion"], "v2");
        assert_eq!(text["size"], before["size"]);
    }

    #[test]
    fn an_object_of_nothing_has_a_text() {
        let object = Object::of(&Arc::new(json!({"kind": "Thing"})));
        assert_eq!(object.bare_text(), "{}");
        assert_eq!(object.text("v1"), r#"{"kind":"Thing","apiVersion":"v1"}"#);
        assert_eq!(*object.tree(), json!({"kind": "Thing"}));
    }
}

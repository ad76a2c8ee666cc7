//! The provider's own notes beside a state.

use std::collections::BTreeMap;

use serde_json::Value as Json;

/// A small map that core stores with a resource's state without reading it.
///
/// Never put a secret in it: it stands in the state file as plain text. Empty means that nothing
/// was ever stored, which is how a fresh create looks.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Private(BTreeMap<String, Json>);

impl Private {
    /// Reads the stored bytes; no bytes are an empty map.
    ///
    /// # Errors
    /// The bytes are not what [`Private::to_bytes`] wrote.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        if bytes.is_empty() {
            Ok(Self::default())
        } else {
            serde_json::from_slice(bytes).map(Self)
        }
    }

    /// The bytes to store; none for an empty map.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        if self.is_empty() {
            Vec::new()
        } else {
            serde_json::to_vec(&self.0).unwrap_or_default()
        }
    }

    /// The note of this name.
    pub fn get(&self, name: &str) -> Option<&Json> {
        self.0.get(name)
    }

    /// Writes a note.
    pub fn set(&mut self, name: &str, note: impl Into<Json>) {
        self.0.insert(name.to_owned(), note.into());
    }

    /// Whether nothing was ever stored.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_no_bytes() {
        assert!(Private::default().to_bytes().is_empty());
        assert!(Private::from_bytes(b"").unwrap().is_empty());
        assert!(Private::from_bytes(b"{").is_err());
        let mut private = Private::default();
        private.set("cluster", "uid");
        assert_eq!(Private::from_bytes(&private.to_bytes()).unwrap(), private);
    }
}

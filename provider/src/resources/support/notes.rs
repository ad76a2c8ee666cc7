//! The private notes that Kubernetes-backed resources keep beside their state.

use seedling_schema::Private;

const CREATED: &str = "created";
const PROTECTED: &str = "protected";

/// When the create ended, as the leading object tells it.
pub fn created(private: &Private) -> Option<&str> {
    private.get(CREATED)?.as_str()
}

/// Whether the objects were imported from another tool and never written by us.
pub fn is_foreign(private: &Private) -> bool {
    created(private).is_none_or(str::is_empty)
}

/// Notes when the create ended.
pub fn set_created(private: &mut Private, created: &str) {
    private.set(CREATED, created);
}

/// Whether the object that these notes belong to refuses to be destroyed. Needed where core plans
/// the second half of a replacement, which has no prior state.
pub fn is_protected(private: &Private) -> bool {
    private
        .get(PROTECTED)
        .and_then(serde_json::Value::as_bool)
        .unwrap_or(false)
}

/// Notes whether the object refuses to be destroyed.
pub fn set_protected(private: &mut Private, protected: bool) {
    private.set(PROTECTED, protected);
}

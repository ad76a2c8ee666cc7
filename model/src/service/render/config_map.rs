//! ConfigMap, immutable and named by its content: a changed value is a new name, and the pods roll.

use serde_json::Value;

use super::{Factory, Names};
use crate::{
    Object,
    service::{config_data, paths::data_key},
};

pub(super) fn render(new: &Factory, names: &Names) -> Option<Object> {
    let name = names.config_map.as_deref()?;
    let data = config_data(new.args);
    let data: Value = data
        .into_iter()
        .map(|(key, value)| (stored_key(&key), text(&value)))
        .collect();
    Some(
        new.object("v1", "ConfigMap", name)
            .with("immutable", true.into())
            .with("data", data),
    )
}

/// The key in the object: that of a variable is its name, that of a file is made from its path.
pub(super) fn stored_key(key: &str) -> String {
    if key.starts_with('/') {
        data_key(key)
    } else {
        key.to_owned()
    }
}

fn text(value: &[u8]) -> Value {
    String::from_utf8_lossy(value).into_owned().into()
}

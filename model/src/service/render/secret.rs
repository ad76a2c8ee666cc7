//! Secret, immutable and named by a keyed digest of its content.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;

use super::{Factory, Names, config_map::stored_key};
use crate::{Object, service::secret_data};

pub(super) fn render(new: &Factory, names: &Names) -> Option<Object> {
    let name = names.secret.as_deref()?;
    let data = secret_data(new.args)?;
    let data: Value = data
        .into_iter()
        .map(|(key, value)| (stored_key(&key), Value::from(STANDARD.encode(value))))
        .collect();
    Some(
        new.object("v1", "Secret", name)
            .with("immutable", true.into())
            .with("data", data),
    )
}

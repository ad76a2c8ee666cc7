//! The OpenAPI v3 documents of the recorded server, kept compressed.

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::{Mutex, OnceLock, PoisonError};

use serde::Deserialize;
use serde_json::Value;

macro_rules! documents {
    ($($path:literal => $file:literal),* $(,)?) => {
        /// The document of a group and version (`api/v1`, `apis/apps/v1`), compressed.
        fn packed(path: &str) -> Option<&'static [u8]> {
            match path {
                $($path => Some(include_bytes!(concat!("../../recordings/server/openapi/", $file, ".json.gz"))),)*
                _ => None,
            }
        }
    };
}

documents! {
    "api/v1" => "api_v1",
    "apis/apiextensions.k8s.io/v1" => "apis_apiextensions.k8s.io_v1",
    "apis/apps/v1" => "apis_apps_v1",
    "apis/authentication.k8s.io/v1" => "apis_authentication.k8s.io_v1",
    "apis/authorization.k8s.io/v1" => "apis_authorization.k8s.io_v1",
    "apis/autoscaling/v2" => "apis_autoscaling_v2",
    "apis/batch/v1" => "apis_batch_v1",
    "apis/coordination.k8s.io/v1" => "apis_coordination.k8s.io_v1",
    "apis/discovery.k8s.io/v1" => "apis_discovery.k8s.io_v1",
    "apis/networking.k8s.io/v1" => "apis_networking.k8s.io_v1",
    "apis/policy/v1" => "apis_policy_v1",
    "apis/rbac.authorization.k8s.io/v1" => "apis_rbac.authorization.k8s.io_v1",
    "apis/scheduling.k8s.io/v1" => "apis_scheduling.k8s.io_v1",
    "apis/storage.k8s.io/v1" => "apis_storage.k8s.io_v1",
}

/// A document as the server sent it.
pub fn document(path: &str) -> Option<Vec<u8>> {
    unpack(packed(path)?)
}

/// Reads what gzip wrote.
pub(crate) fn unpack(packed: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(packed)
        .read_to_end(&mut bytes)
        .ok()?;
    Some(bytes)
}

/// Only the types: skipping the paths is faster than reading them.
#[derive(Deserialize)]
struct Document {
    components: Components,
}

#[derive(Deserialize)]
struct Components {
    schemas: Value,
}

static NONE: Value = Value::Null;
type Loaded = BTreeMap<String, &'static Value>;

/// The types of a group and version; `Null` if it was not recorded. Read when first asked for, and kept.
pub fn schemas(path: &str) -> &'static Value {
    static LOADED: OnceLock<Mutex<Loaded>> = OnceLock::new();
    let mut loaded = LOADED
        .get_or_init(Mutex::default)
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    if let Some(schemas) = loaded.get(path) {
        return schemas;
    }
    let read = document(path).and_then(|bytes| serde_json::from_slice::<Document>(&bytes).ok());
    let Some(read) = read else {
        return &NONE;
    };
    // As many as there are documents, for the life of the program.
    let schemas: &'static Value = Box::leak(Box::new(read.components.schemas));
    loaded.insert(path.to_owned(), schemas);
    schemas
}

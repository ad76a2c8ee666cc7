//! Names: resource ids compared without case, GUIDs from a seed.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::{Builder, Uuid};

/// By what a resource is found: its id in lower case (Resource Manager RPC, "Resource ids are compared without case").
pub fn key(id: &str) -> String {
    id.trim_end_matches('/').to_ascii_lowercase()
}

/// GUIDs that come in the same order from the same seed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Guids {
    seed: u64,
    taken: u64,
}

impl Guids {
    /// From a seed.
    pub fn new(seed: u64) -> Guids {
        Guids { seed, taken: 0 }
    }

    /// The next one.
    pub fn take(&mut self) -> String {
        self.taken += 1;
        let digest = Sha256::digest(format!("{}/{}", self.seed, self.taken));
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest[..16]);
        Builder::from_random_bytes(bytes).into_uuid().to_string()
    }
}

/// Whether a text is a GUID.
pub fn is_guid(text: &str) -> bool {
    text.len() == 36 && Uuid::parse_str(text).is_ok()
}

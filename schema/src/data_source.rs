//! Data sources: things that are only looked at.

use async_trait::async_trait;

use crate::diagnostics::Diagnostics;
use crate::schema::Schema;
use crate::value::Value;

/// Something that is only looked at.
#[async_trait]
pub trait DataSource<C: Send + Sync>: Send + Sync {
    /// The full name, e.g. `demo_thing`.
    fn type_name(&self) -> &'static str;

    /// The attributes.
    fn schema(&self) -> Schema;

    /// Checks the configuration without looking anywhere else. Values may be unknown.
    fn validate(&self, _config: &Value) -> Diagnostics {
        Diagnostics::default()
    }

    /// Looks; the configuration is wholly known. `None` needs an error.
    async fn read(&self, client: &C, config: Value) -> (Option<Value>, Diagnostics);
}

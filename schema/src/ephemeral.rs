//! Ephemeral resources: values that exist while core needs them and are never stored.

use std::time::SystemTime;

use async_trait::async_trait;

use crate::diagnostics::Diagnostics;
use crate::private::Private;
use crate::schema::Schema;
use crate::value::Value;

/// Something short-lived, e.g. a token. It is opened in every phase that needs it.
#[async_trait]
pub trait EphemeralResource<C: Send + Sync>: Send + Sync {
    /// The full name, e.g. `demo_token`.
    fn type_name(&self) -> &'static str;

    /// The attributes.
    fn schema(&self) -> Schema;

    /// Checks the configuration without looking anywhere else. Values may be unknown.
    fn validate(&self, _config: &Value) -> Diagnostics {
        Diagnostics::default()
    }

    /// Makes it; the configuration is wholly known.
    async fn open(&self, client: &C, config: Value) -> OpenReply;

    /// Prolongs it, when the time that `open` named has come.
    async fn renew(&self, _client: &C, private: Private) -> RenewReply {
        RenewReply {
            private,
            ..RenewReply::default()
        }
    }

    /// Ends it.
    async fn close(&self, _client: &C, _private: Private) -> Diagnostics {
        Diagnostics::default()
    }
}

/// What was opened.
#[derive(Clone, Debug, Default)]
pub struct OpenReply {
    /// All attributes: those of the configuration and the computed ones. `None` needs an error.
    pub result: Option<Value>,
    /// When it must be renewed, if it must.
    pub renew_at: Option<SystemTime>,
    /// Notes for `renew` and `close`; kept in memory only.
    pub private: Private,
    /// Messages to the user.
    pub diagnostics: Diagnostics,
}

/// What was renewed.
#[derive(Clone, Debug, Default)]
pub struct RenewReply {
    /// When it must be renewed again, if it must.
    pub renew_at: Option<SystemTime>,
    /// Notes for `renew` and `close`; kept in memory only.
    pub private: Private,
    /// Messages to the user.
    pub diagnostics: Diagnostics,
}

//! What a provider's author writes: a provider and its resources.

use async_trait::async_trait;
use serde_json::Value as Json;

use crate::data_source::DataSource;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::ephemeral::EphemeralResource;
use crate::function::Function;
use crate::plan::Plan;
use crate::private::Private;
use crate::schema::{Identity, Schema};
use crate::stop::Stop;
use crate::value::Value;

/// A provider: its own block, and what it offers.
#[async_trait]
pub trait Provider: Send + Sync + 'static {
    /// What `configure` makes; resources, data sources and ephemeral resources get it by reference.
    type Client: Send + Sync + 'static;

    /// The provider's type, with which the names of its resources begin.
    fn name(&self) -> &str;

    /// The version of this build.
    fn version(&self) -> &str;

    /// Namespace and type as in `source = "…"`, without a registry host; only debug mode needs it.
    fn source(&self) -> String {
        format!("{0}/{0}", self.name())
    }

    /// The provider block.
    fn schema(&self) -> Schema;

    /// Checks the provider block. Values may be unknown.
    fn validate(&self, config: &Value) -> Diagnostics;

    /// Makes the client. Must not reach out: that waits until a resource needs it.
    ///
    /// `None` without an error says that the connection is not known yet (values of the block are
    /// unknown at plan time).
    async fn configure(&self, request: ConfigureRequest) -> (Option<Self::Client>, Diagnostics);

    /// The resources.
    fn resources(&self) -> Vec<Box<dyn Resource<Self::Client>>>;

    /// The data sources.
    fn data_sources(&self) -> Vec<Box<dyn DataSource<Self::Client>>> {
        Vec::new()
    }

    /// The functions.
    fn functions(&self) -> Vec<Box<dyn Function>> {
        Vec::new()
    }

    /// The ephemeral resources.
    fn ephemeral_resources(&self) -> Vec<Box<dyn EphemeralResource<Self::Client>>> {
        Vec::new()
    }
}

/// The provider block, decoded.
#[derive(Clone, Debug)]
pub struct ConfigureRequest {
    /// The block's values; unknown ones may be among them at plan time.
    pub config: Value,
    /// What the core calls its version. Newer OpenTofu names a version of Terraform here, so the
    /// product cannot be told from it.
    pub terraform_version: String,
}

/// A kind of thing that is created, read, updated and deleted.
#[async_trait]
pub trait Resource<C: Send + Sync>: Send + Sync {
    /// The full name, e.g. `demo_thing`.
    fn type_name(&self) -> &'static str;

    /// The attributes.
    fn schema(&self) -> Schema;

    /// What identifies one, if anything does.
    fn identity(&self) -> Option<Identity> {
        None
    }

    /// Checks the configuration without looking anywhere else. Values may be unknown.
    fn validate(&self, _config: &Value) -> Diagnostics {
        Diagnostics::default()
    }

    /// Adjusts the planned state after the engine's passes: marks values unknown, sets computed ones
    /// that follow from the configuration, adds replace paths. Called for a destroy as well.
    ///
    /// Where this turns a plan without changes into an update, computed attributes that it left
    /// alone become unknown as in every other update.
    fn modify_plan(&self, _plan: &mut Plan) -> Diagnostics {
        Diagnostics::default()
    }

    /// Looks at the real world and adds diagnostics; may mark computed attributes unknown, nothing
    /// else. Called after `modify_plan`; not called while the connection is unknown.
    async fn check_plan(&self, _client: &C, _plan: &mut Plan) -> Diagnostics {
        Diagnostics::default()
    }

    /// Reads what exists.
    async fn read(&self, client: &C, request: ReadRequest) -> ReadReply;

    /// Makes it. On failure returns what the next run needs to know, or no state at all.
    async fn create(&self, client: &C, request: ApplyRequest) -> ApplyReply;

    /// Changes it. On failure returns what has been reached.
    async fn update(&self, client: &C, request: ApplyRequest) -> ApplyReply;

    /// Removes it. No state says that it is gone; on failure return the prior state.
    async fn delete(&self, client: &C, request: ApplyRequest) -> ApplyReply;

    /// Takes over something that exists.
    async fn import(&self, client: &C, request: ImportRequest) -> ImportReply;

    /// Converts a stored state of an older version to the present schema. Members that are missing
    /// afterwards become null and members that the schema lacks are left out.
    ///
    /// # Errors
    /// The state cannot be converted.
    fn upgrade(&self, _version: i64, state: Json) -> Result<Json, Diagnostic> {
        Ok(state)
    }

    /// Takes over the state of another type of resource (a `moved` block). `None` says that this
    /// source is not supported.
    fn move_from(&self, _source: MoveSource) -> Option<Result<(Value, Option<Value>), Diagnostic>> {
        None
    }
}

/// What is known of a thing that is to be read.
#[derive(Clone, Debug)]
pub struct ReadRequest {
    /// The state as stored.
    pub state: Value,
    /// The notes stored with it.
    pub private: Private,
    /// The stored identity, if there is one.
    pub identity: Option<Value>,
}

/// What was read.
#[derive(Clone, Debug, Default)]
pub struct ReadReply {
    /// The present state; `None` says that the thing is gone.
    pub state: Option<Value>,
    /// The notes to store; pass on the request's to keep them.
    pub private: Private,
    /// The identity; `None` keeps the one that is stored.
    pub identity: Option<Value>,
    /// Messages to the user.
    pub diagnostics: Diagnostics,
}

/// A change to be made.
#[derive(Clone, Debug)]
pub struct ApplyRequest {
    /// The state before; null for a create.
    pub prior: Value,
    /// The state to be reached; write-only values are null. Null for a delete.
    pub planned: Value,
    /// The configuration, write-only values included. Null for a delete.
    pub config: Value,
    /// The notes of the plan.
    pub private: Private,
    /// Fires when the user wants to stop.
    pub stop: Stop,
}

/// What a change reached.
#[derive(Clone, Debug, Default)]
pub struct ApplyReply {
    /// The present state; `None` says that there is nothing (with an error: nothing new to store).
    pub state: Option<Value>,
    /// The notes to store.
    pub private: Private,
    /// The identity; `None` keeps the planned one.
    pub identity: Option<Value>,
    /// Messages to the user.
    pub diagnostics: Diagnostics,
}

/// What is to be taken over.
#[derive(Clone, Debug)]
pub struct ImportRequest {
    /// The import id, unless an identity is given.
    pub id: Option<String>,
    /// The identity, unless an id is given.
    pub identity: Option<Value>,
}

/// What was taken over; core reads it again right after.
#[derive(Clone, Debug, Default)]
pub struct ImportReply {
    /// The state; `None` needs an error.
    pub state: Option<Value>,
    /// The notes to store.
    pub private: Private,
    /// The identity.
    pub identity: Option<Value>,
    /// Messages to the user.
    pub diagnostics: Diagnostics,
}

/// The state of another type of resource that is to become one of ours.
#[derive(Clone, Debug)]
pub struct MoveSource {
    /// The source's provider, as `host/namespace/type`.
    pub provider_address: String,
    /// The source's type.
    pub type_name: String,
    /// The version of the source's schema.
    pub schema_version: i64,
    /// The source's state.
    pub state: Json,
}

//! A small provider framework: values, schemas, the plan engine and the plugin server.
//!
//! A provider implements [`Provider`] and, for each thing it manages, [`Resource`]; [`serve`] does
//! the rest. The framework speaks the plugin protocol in `wire` and `server`, and plans in
//! `engine`, which is pure. It knows nothing of what a provider manages.

mod attribute;
mod data_source;
mod diagnostics;
mod docs;
mod engine;
mod ephemeral;
mod function;
mod path;
mod plan;
mod private;
mod resource;
mod schema;
mod server;
mod stop;
mod types;
mod value;
mod wire;

// The provider that tests share is written as an outsider writes one.
#[cfg(test)]
extern crate self as seedling_schema;

pub use async_trait::async_trait;
pub use attribute::{Attribute, Nesting, Planning, Shape};
pub use data_source::DataSource;
pub use diagnostics::{Diagnostic, Diagnostics, Severity};
pub use docs::reference;
pub use ephemeral::{EphemeralResource, OpenReply, RenewReply};
pub use function::{Function, FunctionError, FunctionSignature, Parameter};
pub use path::{Path, Step};
pub use plan::Plan;
pub use private::Private;
pub use resource::{
    ApplyReply, ApplyRequest, ConfigureRequest, ImportReply, ImportRequest, MoveSource, Provider,
    ReadReply, ReadRequest, Resource,
};
pub use schema::{Identity, IdentityAttribute, Schema};
pub use server::{ServeEnvironment, serve};
pub use stop::{Stop, StopSource};
pub use types::Type;
pub use value::{DecodeError, EncodeError, ExtraMembers, NotANumber, Number, Refinements, Value};

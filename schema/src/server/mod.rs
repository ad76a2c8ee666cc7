//! The plugin server: from the handshake to the answer of each call.

mod connection;
mod debug;
mod decode;
mod environment;
mod goplugin;
mod handshake;
mod lifecycle;
mod listener;
mod logging;
mod registry;
mod rpc;
mod rpc_apply;
mod rpc_data;
mod rpc_ephemeral;
mod rpc_function;
mod rpc_import;
mod rpc_plan;
mod rpc_provider;
mod rpc_read;
mod rpc_upgrade;
mod rpc_validate;
mod serve;
mod service;
mod tls;

#[cfg(test)]
mod tests;

pub use environment::ServeEnvironment;
pub use serve::serve;

//! The API over HTTPS.

mod answer;
mod body;
mod handle;
mod listener;
mod path;
mod protobuf;
mod table;
mod watch;
mod who;

pub use listener::{Listener, Serving, ServingError};

#[cfg(test)]
mod tests;

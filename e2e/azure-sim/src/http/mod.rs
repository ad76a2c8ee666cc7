//! HTTP: connections, requests, answers.

mod answer;
mod listener;
mod request;

pub use answer::{Answer, Refusal};
pub use listener::{Listener, ServingError};
pub use request::Request;

//! What no well-behaved client sends: the answer is the HTTP status that a real server gives, and the server goes on serving.
//! The statuses in the tables are those of a kube-apiserver 1.36.3, asked by curl.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a trial that cannot go on has failed

mod bodies;
mod clients;
mod many;
mod reads;
mod server;

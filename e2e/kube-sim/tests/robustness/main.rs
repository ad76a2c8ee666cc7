//! What no well-behaved client sends: the answer is the HTTP status that a real server gives, and the server goes on serving.
//! Most statuses in the tables are those of a kube-apiserver 1.36.3, asked by curl. Not asked there: a body of 40 MB, JSON nested 100 deep,
//! an empty and a nested protobuf, a patch in XML, `continue=%FF`, a path of 20,000 characters, and what `clients` and `many` do.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a trial that cannot go on has failed

mod bodies;
mod clients;
mod many;
mod reads;
mod server;

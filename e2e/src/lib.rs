//! The end-to-end harness: the same configuration that goes to a cluster in the cloud runs on a laptop, and is proved there.
//!
//! A [`world`] is a cluster of one [`backend`] and the stand-ins that a laptop lacks. Whatever is left running or lying about while it
//! lives is in its [`ledger`], from which it is ended: by `stop`, by drop, or by a later sweep. Programs that are not written in this
//! workspace's Rust are made by [`build`].

pub mod backend;
pub mod build;
pub mod driver;
mod hex;
pub mod home;
pub mod ledger;
pub mod poll;
pub mod progress;
pub mod proof;
pub mod report;
pub mod require;
pub mod trial;
pub mod world;

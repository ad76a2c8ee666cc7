//! The simulator on a clock that is stepped, without a network: what takes an hour in Azure takes no time here.

#![allow(clippy::unwrap_used, clippy::expect_used)] // tests
#![allow(clippy::needless_pass_by_value)] // `json!` at the call reads better than `&json!`

mod authorization;
mod bench;
mod faults;
mod groups;
mod operations;
mod properties;
mod resources;
mod throttling;

//! The resources, one module each, always in the same order: schema, checks, create, read,
//! update, delete, import.
//!
//! To add one: write its module, add it to [`all`]. See CONTRIBUTING.md.

use seedling_schema::Resource;

use self::managed::Answering;
use crate::session::Session;

mod environment;
mod gateway;
mod group_access;
mod ingress;
mod managed;
mod service;
pub(crate) mod support;

/// Every resource of the provider.
pub fn all() -> Vec<Box<dyn Resource<Session>>> {
    vec![
        Box::new(Answering(environment::Environment)),
        Box::new(Answering(gateway::Gateway)),
        Box::new(Answering(ingress::Ingress)),
        Box::new(Answering(group_access::GroupAccess)),
        Box::new(Answering(service::Service)),
    ]
}

//! The data sources, one file each.

use seedling_schema::DataSource;

use crate::session::Session;

mod image;
mod service;

/// Every data source of the provider.
pub fn all() -> Vec<Box<dyn DataSource<Session>>> {
    vec![
        Box::new(image::ImageDigest),
        Box::new(service::ServiceStatus),
    ]
}

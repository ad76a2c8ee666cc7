//! A provider for tests: its things are files in a folder.

mod extras;
mod old;
mod thing;

use std::path::PathBuf;

use seedling_schema::{
    Attribute, ConfigureRequest, DataSource, Diagnostic, Diagnostics, EphemeralResource, Function,
    Path, Provider, Resource, Schema, Value, async_trait,
};

pub use thing::Thing;

/// The provider.
pub struct Demo;

/// What the provider block leads to.
pub struct Folder(pub PathBuf);

impl Folder {
    fn file(&self, name: &str) -> PathBuf {
        self.0.join(format!("{name}.json"))
    }
}

#[async_trait]
impl Provider for Demo {
    type Client = Folder;

    fn name(&self) -> &'static str {
        "demo"
    }

    fn version(&self) -> &'static str {
        "1.2.3"
    }

    fn source(&self) -> String {
        "acme/demo".to_owned()
    }

    fn schema(&self) -> Schema {
        Schema::new(0)
            .describe("Keeps things in a folder.")
            .attribute(
                "folder",
                Attribute::string()
                    .required()
                    .describe("Where the things are kept."),
            )
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        if config.get("folder").as_str() == Some("") {
            return Diagnostic::error("No folder", "Give the folder's path.")
                .at(Path::of("folder"))
                .into();
        }
        Diagnostics::default()
    }

    async fn configure(&self, request: ConfigureRequest) -> (Option<Folder>, Diagnostics) {
        let folder = request
            .config
            .get("folder")
            .as_str()
            .map(|folder| Folder(folder.into()));
        (folder, Diagnostics::default())
    }

    fn resources(&self) -> Vec<Box<dyn Resource<Folder>>> {
        vec![Box::new(Thing), Box::new(old::Old)]
    }

    fn data_sources(&self) -> Vec<Box<dyn DataSource<Folder>>> {
        vec![Box::new(extras::ThingData)]
    }

    fn functions(&self) -> Vec<Box<dyn Function>> {
        vec![Box::new(extras::Join)]
    }

    fn ephemeral_resources(&self) -> Vec<Box<dyn EphemeralResource<Folder>>> {
        vec![Box::new(extras::Token)]
    }
}

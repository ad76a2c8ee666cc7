//! The provider as core sees it: its block, and what it offers.

use async_trait::async_trait;
use seedling_schema::{
    ConfigureRequest, DataSource, Diagnostic, Diagnostics, Function, Provider, Resource, Schema,
    Value,
};

use crate::{
    config::{self, Config},
    data_sources,
    env::Environment,
    functions,
    kubernetes::connection::Endpoint,
    resources,
    sandbox::Sandbox,
    session::Session,
};

/// The Seedling provider.
pub struct Seedling;

#[async_trait]
impl Provider for Seedling {
    type Client = Session;

    fn name(&self) -> &'static str {
        "seedling"
    }

    fn version(&self) -> &'static str {
        env!("CARGO_PKG_VERSION")
    }

    fn source(&self) -> String {
        "seedling-dev/seedling".to_owned()
    }

    fn schema(&self) -> Schema {
        config::schema()
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        config::validate(config)
    }

    async fn configure(&self, request: ConfigureRequest) -> (Option<Session>, Diagnostics) {
        let mut diagnostics = config::validate(&request.config);
        if diagnostics.has_errors() {
            return (None, diagnostics);
        }
        match session(&request.config, &Environment::read(), &mut diagnostics) {
            Ok(session) => (session, diagnostics),
            Err(error) => {
                diagnostics.push(error);
                (None, diagnostics)
            }
        }
    }

    fn resources(&self) -> Vec<Box<dyn Resource<Session>>> {
        resources::all()
    }

    fn data_sources(&self) -> Vec<Box<dyn DataSource<Session>>> {
        data_sources::all()
    }

    fn functions(&self) -> Vec<Box<dyn Function>> {
        functions::all()
    }
}

/// `None` where values of the block are not known yet: then nothing can be read, and nothing is.
fn session(
    raw: &Value,
    environment: &Environment,
    diagnostics: &mut Diagnostics,
) -> Result<Option<Session>, Diagnostic> {
    let config: Config = raw
        .decode()
        .map_err(|error| Diagnostic::error("Invalid provider configuration", error.to_string()))?;
    let sandbox = environment
        .sandbox
        .as_deref()
        .map(Sandbox::load)
        .transpose()?;
    let endpoint = match &sandbox {
        Some(sandbox) => {
            diagnostics.push(in_sandbox(sandbox));
            Endpoint::Sandbox(Box::new(sandbox.kubernetes.clone()))
        }
        None if !raw.get("cluster").is_wholly_known() => return Ok(None),
        None => Endpoint::Block(Box::new(config.cluster.clone().ok_or_else(no_cluster)?)),
    };
    let settled = ["project", "labels", "ingress"];
    if !settled.iter().all(|name| raw.get(name).is_wholly_known()) {
        return Ok(None);
    }
    Ok(Some(Session::new(
        config.context(),
        endpoint,
        sandbox,
        config.on_replaced(),
    )))
}

fn in_sandbox(sandbox: &Sandbox) -> Diagnostic {
    Diagnostic::warning(
        "This run works in a sandbox",
        format!(
            "SEEDLING_SANDBOX replaces the connection of the provider block by {}. Nothing else is reached.",
            sandbox.kubernetes.server
        ),
    )
}

fn no_cluster() -> Diagnostic {
    Diagnostic::error(
        "No cluster is named",
        "The provider block has no `cluster`. Set `cluster = { kubeconfig = { path = \"…\", context = \"…\" } }`, or `host` with `ca_certificate` and credentials. Nothing is taken from a kubeconfig that is not named.",
    )
}

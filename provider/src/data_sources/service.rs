//! `data.seedling_service`: how a service that somebody else applies is doing.

use async_trait::async_trait;
use seedling_model::Object;
use seedling_schema::{Attribute, DataSource, Diagnostic, Diagnostics, Schema, Value};

use crate::{
    kubernetes::kinds,
    rollout::progress::{Progress, numbers, progress},
    session::Session,
};

/// The data source.
pub struct ServiceStatus;

#[async_trait]
impl DataSource<Session> for ServiceStatus {
    fn type_name(&self) -> &'static str {
        "seedling_service"
    }

    fn schema(&self) -> Schema {
        let given = |text: &str| Attribute::string().required().describe(text);
        let found = |text: &str| Attribute::string().computed().describe(text);
        let count = |text: &str| Attribute::number().computed().describe(text);
        Schema::new(0)
            .describe("How a service is doing now, whoever applies it.")
            .attribute(
                "environment",
                given("The environment the service lives in."),
            )
            .attribute("name", given("Name of the service."))
            .attribute("image", found("Image of its pods."))
            .attribute("replicas", count("Number of pods that are wanted."))
            .attribute(
                "available_replicas",
                count("Number of pods that are available."),
            )
            .attribute(
                "rollout_status",
                found("`complete`, or what the rollout waits for."),
            )
            .attribute(
                "host",
                found("Host name of the service inside the cluster."),
            )
    }

    async fn read(&self, session: &Session, config: Value) -> (Option<Value>, Diagnostics) {
        match read(session, config).await {
            Ok(state) => (Some(state), Diagnostics::default()),
            Err(error) => (None, error.into()),
        }
    }
}

async fn read(session: &Session, mut state: Value) -> Result<Value, Diagnostic> {
    let environment = state
        .get("environment")
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let name = state.get("name").as_str().unwrap_or_default().to_owned();
    let title = format!("{environment}/{name}");
    let found = session
        .cluster()
        .await?
        .get(kinds::DEPLOYMENT, Some(&environment), &name)
        .await
        .map_err(|failure| failure.diagnostic(&format!("read service {title}")))?;
    let deployment = found.ok_or_else(|| {
        Diagnostic::error(
            format!("There is no service {title}"),
            format!("Namespace {environment} has no Deployment {name}. If it is made in the same configuration, refer to its resource instead."),
        )
    })?;
    let n = numbers(&deployment);
    state.set("image", image(&deployment, &name));
    state.set("replicas", Value::from(n.wanted));
    state.set("available_replicas", Value::from(n.available));
    state.set("rollout_status", Value::from(status(&deployment)));
    state.set("host", Value::from(format!("{name}.{environment}.svc")));
    Ok(state)
}

/// The container of the service's name, or the first one of a foreign Deployment.
fn image(deployment: &Object, name: &str) -> Value {
    let containers = deployment.at("/spec/template/spec/containers").as_array();
    let own = containers.and_then(|all| all.iter().find(|it| it["name"] == name).or(all.first()));
    own.and_then(|container| container["image"].as_str())
        .map_or(Value::Null, Value::from)
}

fn status(deployment: &Object) -> String {
    match progress(deployment) {
        Progress::Complete => "complete".to_owned(),
        Progress::Going(what) => format!("unfinished: {what}"),
        Progress::Stalled(what) => format!("failed: {what}"),
    }
}

//! Reads the objects of one environment.

use std::path::Path;
use std::time::Duration;

use kube::api::{Api, ApiResource, DynamicObject, ListParams};
use kube::config::{ExecInteractiveMode, KubeConfigOptions, Kubeconfig};
use kube::core::GroupVersionKind;
use kube::{Client, Config, Error};
use seedling_model::{Object, labels};

use crate::failure::Failure;

/// How long the cluster may take for one answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// Objects per request.
const PAGE: u32 = 500;

/// A kind of object and where the API serves it.
#[derive(Clone, Copy, Debug)]
pub struct Source {
    group: &'static str,
    version: &'static str,
    kind: &'static str,
    plural: &'static str,
}

/// The source of a kind.
pub const fn source(
    group: &'static str,
    version: &'static str,
    kind: &'static str,
    plural: &'static str,
) -> Source {
    Source {
        group,
        version,
        kind,
        plural,
    }
}

impl Source {
    fn resource(self) -> ApiResource {
        let gvk = GroupVersionKind::gvk(self.group, self.version, self.kind);
        ApiResource::from_gvk_with_plural(&gvk, self.plural)
    }
}

/// An environment on a cluster.
pub struct Live {
    client: Client,
    /// The environment's name.
    pub environment: String,
    /// The context, for messages.
    context: String,
}

impl Live {
    /// Makes a client for a context of a kubeconfig.
    pub async fn connect(
        kubeconfig: &Path,
        context: &str,
        environment: &str,
    ) -> Result<Self, Failure> {
        let file = kubeconfig.display();
        let mut known = Kubeconfig::read_from(kubeconfig)
            .map_err(|error| Failure::new(format!("{file} cannot be used: {error}")))?;
        if !known.contexts.iter().any(|it| it.name == context) {
            let names: Vec<&str> = known.contexts.iter().map(|it| it.name.as_str()).collect();
            return Err(Failure::new(format!("{file} has no context {context}"))
                .with_hint(Some(format!("it has: {}", names.join(", ")))));
        }
        // A plug-in that asks questions would wait for ever in a pipeline.
        for named in &mut known.auth_infos {
            if let Some(exec) = named.auth_info.as_mut().and_then(|it| it.exec.as_mut()) {
                exec.interactive_mode = Some(ExecInteractiveMode::Never);
            }
        }
        let options = KubeConfigOptions {
            context: Some(context.to_owned()),
            ..KubeConfigOptions::default()
        };
        let unusable =
            |error: String| Failure::new(format!("context {context} of {file}: {error}"));
        let mut config = Config::from_custom_kubeconfig(known, &options)
            .await
            .map_err(|error| unusable(error.to_string()))?;
        config.read_timeout = Some(PATIENCE);
        config.default_retry = false;
        // An exec plug-in is run synchronously while the client is made.
        let client = tokio::task::spawn_blocking(move || Client::try_from(config))
            .await
            .map_err(|error| unusable(error.to_string()))?
            .map_err(|error| unusable(error.to_string()))?;
        Ok(Self {
            client,
            environment: environment.to_owned(),
            context: context.to_owned(),
        })
    }

    /// The namespace of the environment.
    pub async fn namespace(&self) -> Result<Object, Failure> {
        let namespaces = source("", "v1", "Namespace", "namespaces");
        let api: Api<DynamicObject> = Api::all_with(self.client.clone(), &namespaces.resource());
        match api.get_opt(&self.environment).await {
            Ok(Some(found)) => object(namespaces, &found),
            Ok(None) => Err(Failure::new(format!(
                "there is no environment {} in context {}",
                self.environment, self.context
            ))
            .with_hint(Some("see which there are: kubectl get namespaces"))),
            Err(error) => Err(self.failed("read the namespace", &error)),
        }
    }

    /// Objects that Seedling made for resources of a type. A kind that the cluster does not know has none.
    pub async fn of_type(&self, source: Source, of: &str) -> Result<Vec<Object>, Failure> {
        let api: Api<DynamicObject> =
            Api::namespaced_with(self.client.clone(), &self.environment, &source.resource());
        let mut page = ListParams::default()
            .labels(&format!("{}={of}", labels::TYPE))
            .limit(PAGE);
        let mut objects = Vec::new();
        loop {
            let list = match api.list(&page).await {
                Ok(list) => list,
                Err(Error::Api(status)) if status.code == 404 => return Ok(objects),
                Err(error) => return Err(self.failed(&format!("list {}", source.plural), &error)),
            };
            for item in &list.items {
                objects.push(object(source, item)?);
            }
            match list.metadata.continue_.filter(|token| !token.is_empty()) {
                Some(token) => page.continue_token = Some(token),
                None => return Ok(objects),
            }
        }
    }

    fn failed(&self, what: &str, error: &Error) -> Failure {
        let place = format!("{} in context {}", self.environment, self.context);
        let hint = match error {
            Error::Api(status) if status.code == 403 => Some(format!(
                "the role `view` or `plan` of seedling_group_access in {} is enough",
                self.environment
            )),
            Error::Api(status) if status.code == 401 => Some(format!(
                "the credentials of context {} are not accepted: sign in again",
                self.context
            )),
            Error::Api(_) => None,
            _ => Some("is the cluster running, and reachable from here?".to_owned()),
        };
        let why = match error {
            Error::Api(status) => status.message.clone(),
            other => with_causes(other),
        };
        Failure::new(format!("cannot {what} of {place}: {why}")).with_hint(hint)
    }
}

/// What went wrong below says more than the outermost error.
fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let inner_text = inner.to_string();
        if !text.contains(&inner_text) {
            text = format!("{text}: {inner_text}");
        }
        cause = inner.source();
    }
    text
}

/// Items of lists come without their kind.
fn object(source: Source, found: &DynamicObject) -> Result<Object, Failure> {
    let mut value = serde_json::to_value(found).map_err(|error| Failure::new(error.to_string()))?;
    value["apiVersion"] = source.resource().api_version.into();
    value["kind"] = source.kind.into();
    Ok(Object(value))
}

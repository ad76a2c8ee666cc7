//! The provider block: its arguments, their checks, and the settings they become.

use std::collections::BTreeMap;

use seedling_model::{Context, Controller, IngressController};
use seedling_schema::{Attribute, Diagnostic, Diagnostics, Path, Schema, Type, Value};
use serde::Deserialize;

/// The provider block as written. `None` also stands for a value that is not known yet.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Label of everything of this project.
    pub project: Option<String>,
    /// How the cluster is reached.
    pub cluster: Option<ClusterConfig>,
    /// How ingresses are realised.
    pub ingress: Option<IngressConfig>,
    /// Labels on every object.
    pub labels: Option<BTreeMap<String, Option<String>>>,
}

/// `cluster`: a kubeconfig, or an address with credentials.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClusterConfig {
    pub kubeconfig: Option<KubeconfigFile>,
    pub host: Option<String>,
    pub ca_certificate: Option<String>,
    pub client_certificate: Option<String>,
    pub client_key: Option<String>,
    pub token: Option<String>,
    pub exec: Option<ExecConfig>,
    pub proxy_url: Option<String>,
    pub tls_server_name: Option<String>,
    pub on_replaced: Option<String>,
}

/// `cluster.kubeconfig`: a file and, always, the context to use.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct KubeconfigFile {
    pub path: Option<String>,
    pub context: Option<String>,
}

/// `cluster.exec`: a program that prints a credential, as in a kubeconfig.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ExecConfig {
    pub api_version: Option<String>,
    pub command: Option<String>,
    pub args: Option<Vec<String>>,
    pub env: Option<BTreeMap<String, String>>,
}

/// `ingress`: the controller of this cluster and its class.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct IngressConfig {
    pub controller: Option<String>,
    pub class: Option<String>,
}

/// What to do when another cluster answers where the state remembers one.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum OnReplaced {
    /// An error that says so; the state is kept.
    #[default]
    Refuse,
    /// The objects are gone with their cluster: plan them anew.
    Forget,
}

/// The schema of the provider block.
pub fn schema() -> Schema {
    Schema::new(0)
        .describe("Seedling manages environments, services, ingresses and access of a project on Kubernetes.")
        .attribute("project", Attribute::string().required().describe(
            "Name of the project. It labels every object, and objects that carry another project's label are never touched.",
        ))
        .attribute("cluster", Attribute::object(cluster_attributes()).optional().describe(
            "How the cluster is reached: `kubeconfig`, or `host` with credentials. There is no default: nothing is read from a kubeconfig that is not named here.",
        ))
        .attribute("ingress", Attribute::object(vec![
            ("controller", Attribute::string().required().describe("`gateway` (Gateway API) or `ingress-nginx`.")),
            ("class", Attribute::string().optional().describe("GatewayClass or IngressClass, for example `approuting-istio` or `nginx`.")),
        ]).optional().describe("How `seedling_ingress` and `seedling_gateway` are realised; needed only by them."))
        .attribute("labels", Attribute::map_of(Type::string()).optional().describe(
            "Labels put on every object, never on pod templates.",
        ))
}

fn cluster_attributes() -> Vec<(&'static str, Attribute)> {
    let text = |description: &str| Attribute::string().optional().describe(description);
    vec![
        (
            "kubeconfig",
            Attribute::object(vec![
                (
                    "path",
                    Attribute::string()
                        .required()
                        .describe("Path of the file; `~` is the home directory."),
                ),
                (
                    "context",
                    Attribute::string()
                        .required()
                        .describe("Context to use. The file's current context is never used."),
                ),
            ])
            .optional()
            .describe("A kubeconfig file and a context in it."),
        ),
        ("host", text("Address of the API server, `https://…`.")),
        (
            "ca_certificate",
            text(
                "PEM of the authority that signed the server's certificate; default the system's trust store.",
            ),
        ),
        ("client_certificate", text("PEM of a client certificate.")),
        (
            "client_key",
            text("PEM of the client certificate's key.").sensitive(),
        ),
        ("token", text("Bearer token.").sensitive()),
        (
            "exec",
            Attribute::object(vec![
                (
                    "api_version",
                    text("`client.authentication.k8s.io/v1` (default) or `…/v1beta1`."),
                ),
                (
                    "command",
                    Attribute::string()
                        .required()
                        .describe("Program that prints a credential, for example `kubelogin`."),
                ),
                (
                    "args",
                    Attribute::list_of(Type::string())
                        .optional()
                        .describe("Its arguments."),
                ),
                (
                    "env",
                    Attribute::map_of(Type::string())
                        .optional()
                        .describe("Environment variables added for it."),
                ),
            ])
            .optional()
            .describe("A credential plug-in. It must not ask questions."),
        ),
        ("proxy_url", text("Proxy for requests to the API server.")),
        (
            "tls_server_name",
            text("Name expected in the server's certificate, when it is not the host's."),
        ),
        (
            "on_replaced",
            text(
                "When another cluster answers where the state remembers one: `refuse` (default) or `forget`.",
            ),
        ),
    ]
}

/// Checks that need no cluster. Unknown values pass.
pub fn validate(config: &Value) -> Diagnostics {
    let mut found = Diagnostics::default();
    let decoded: Config = match config.decode() {
        Ok(decoded) => decoded,
        Err(error) => {
            found.push(Diagnostic::error(
                "Invalid provider configuration",
                error.to_string(),
            ));
            return found;
        }
    };
    if let Some(project) = &decoded.project
        && !is_label(project)
    {
        found.push(
            Diagnostic::error(
                "Invalid project name",
                format!("`{project}` becomes a label value: use lower-case letters, digits and dashes, at most 63, starting and ending with a letter or digit."),
            )
            .at(Path::of("project")),
        );
    }
    check_ingress(decoded.ingress.as_ref(), &mut found);
    if let Some(cluster) = &decoded.cluster {
        check_cluster(cluster, config.get("cluster"), &mut found);
    }
    found
}

fn check_ingress(ingress: Option<&IngressConfig>, found: &mut Diagnostics) {
    let controller = ingress.and_then(|ingress| ingress.controller.as_deref());
    if let Some(controller) = controller
        && parse_controller(controller).is_none()
    {
        found.push(
            Diagnostic::error(
                "Unknown ingress controller",
                format!("`{controller}` is neither `gateway` nor `ingress-nginx`."),
            )
            .at(Path::of("ingress").attribute("controller")),
        );
    }
}

fn check_cluster(cluster: &ClusterConfig, raw: &Value, found: &mut Diagnostics) {
    let given = |name: &str| !raw.get(name).is_null();
    let at = |name: &str| Path::of("cluster").attribute(name);
    match (given("kubeconfig"), given("host")) {
        (true, true) => found.push(
            Diagnostic::error(
                "Two ways to reach the cluster",
                "`kubeconfig` and `host` exclude each other: keep one of them.",
            )
            .at(at("host")),
        ),
        (false, false) => found.push(
            Diagnostic::error(
                "No way to reach the cluster",
                "Set `kubeconfig = { path, context }`, or `host` with `ca_certificate` and credentials. Nothing is taken from a kubeconfig that is not named here.",
            )
            .at(Path::of("cluster")),
        ),
        _ => {}
    }
    if given("client_certificate") != given("client_key") {
        found.push(
            Diagnostic::error(
                "Half a client certificate",
                "`client_certificate` and `client_key` belong together: set both or none.",
            )
            .at(at("client_certificate")),
        );
    }
    if let Some(value) = &cluster.on_replaced
        && !["refuse", "forget"].contains(&value.as_str())
    {
        found.push(
            Diagnostic::error(
                "Unknown value",
                format!("`on_replaced` is `refuse` or `forget`, not `{value}`."),
            )
            .at(at("on_replaced")),
        );
    }
}

fn is_label(text: &str) -> bool {
    let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    !text.is_empty()
        && text.len() <= 63
        && text.starts_with(inner)
        && text.ends_with(inner)
        && text.chars().all(|c| inner(c) || c == '-')
}

fn parse_controller(text: &str) -> Option<Controller> {
    match text {
        "gateway" => Some(Controller::Gateway),
        "ingress-nginx" => Some(Controller::IngressNginx),
        _ => None,
    }
}

impl Config {
    /// What rendering needs to know of the provider block.
    pub fn context(&self) -> Context {
        let labels = self.labels.iter().flatten();
        Context {
            project: self.project.clone().unwrap_or_default(),
            labels: labels
                .filter_map(|(name, value)| Some((name.clone(), value.clone()?)))
                .collect(),
            ingress: self.ingress.as_ref().and_then(|ingress| {
                Some(IngressController {
                    controller: parse_controller(ingress.controller.as_deref()?)?,
                    class: ingress.class.clone(),
                })
            }),
        }
    }

    /// What to do when another cluster answers.
    pub fn on_replaced(&self) -> OnReplaced {
        let value = self
            .cluster
            .as_ref()
            .and_then(|cluster| cluster.on_replaced.as_deref());
        match value {
            Some("forget") => OnReplaced::Forget,
            _ => OnReplaced::Refuse,
        }
    }
}

//! Signs of life.

use std::path::Path;

use k8s_openapi::api::core::v1::{Node, ServiceAccount};
use kube::Client;
use kube::api::{Api, ListParams};

use crate::poll::Look;

/// Whether a health endpoint says that all is well.
pub(super) async fn answers(client: &Client, path: &str) -> Look<()> {
    let request = http::Request::get(path).body(Vec::new());
    let request = match request {
        Ok(request) => request,
        Err(error) => return Look::Never(error.to_string()),
    };
    match client.request_text(request).await {
        Ok(_) => Look::Done(()),
        Err(error) => Look::NotYet(error.to_string()),
    }
}

/// Whether all nodes are ready.
pub(in crate::backend) async fn nodes(client: &Client) -> Look<()> {
    let nodes = match Api::<Node>::all(client.clone())
        .list(&ListParams::default())
        .await
    {
        Ok(nodes) => nodes.items,
        Err(error) => return Look::NotYet(error.to_string()),
    };
    let ready = nodes.iter().filter(|node| is_ready(node)).count();
    Look::at(
        (ready == nodes.len()).then_some(()),
        format!("{ready} of {} nodes are ready", nodes.len()),
    )
}

fn is_ready(node: &Node) -> bool {
    let conditions = node
        .status
        .iter()
        .flat_map(|status| status.conditions.iter().flatten());
    conditions
        .into_iter()
        .any(|condition| condition.type_ == "Ready" && condition.status == "True")
}

/// Whether the namespace `default` has its service account.
pub(in crate::backend) async fn service_account(client: &Client) -> Look<()> {
    match Api::<ServiceAccount>::namespaced(client.clone(), "default")
        .get_opt("default")
        .await
    {
        Ok(account) => Look::at(
            account.map(|_| ()),
            "no service account in the namespace `default`",
        ),
        Err(error) => Look::NotYet(error.to_string()),
    }
}

/// The last lines of a log.
pub(in crate::backend) fn log_end(path: &Path) -> String {
    const LINES: usize = 15;
    let text = std::fs::read(path).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(LINES)..].join("\n")
}

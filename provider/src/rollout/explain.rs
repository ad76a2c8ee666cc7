//! One diagnostic that says what holds a rollout up: pods and reasons, the last warnings, the
//! last log lines of the failing container, and the next step. Secret values are blacked out.

use std::{fmt::Write as _, time::Duration};

use seedling_model::Object;
use seedling_schema::Diagnostic;
use tokio::time::timeout;

use super::{
    judge::Cause,
    progress::numbers,
    scene::{Scene, containers, event_time, is_ready, text, unschedulable, waiting},
};
use crate::kubernetes::{Cluster, Kind, kinds};

const PODS: usize = 8;
const WARNINGS: usize = 6;
const LOG_LINES: usize = 15;
/// Log lines are a help, not the point: they must not hold the message up.
const LOG_TIMEOUT: Duration = Duration::from_secs(5);

/// Where the scene plays.
pub struct Account<'a> {
    pub cluster: &'a Cluster,
    pub namespace: &'a str,
    pub title: &'a str,
    /// Texts that must not appear.
    pub secrets: &'a [String],
}

/// The error of a rollout that did not complete.
pub async fn diagnostic(account: &Account<'_>, scene: &Scene, cause: &Cause) -> Diagnostic {
    let mut detail = headline(cause);
    detail.push_str(&pods(scene));
    detail.push_str(&warnings(scene));
    if let Some((pod, container)) = failing(scene, cause) {
        detail.push_str(&log(account, &pod, &container).await);
    }
    let _ = write!(
        detail,
        "\nNext step: {} What was applied stays, and the next plan shows the rollout as unfinished.",
        cause.next_step
    );
    Diagnostic::error(
        format!("{} did not roll out: {}", account.title, cause.reason),
        mask(&detail, account.secrets),
    )
}

/// The same account without a failure, for `seedling explain`.
pub async fn report(account: &Account<'_>, scene: &Scene, state: &str) -> String {
    let mut out = format!("{}: {state}\n", account.title);
    out.push_str(&pods(scene));
    out.push_str(&warnings(scene));
    let sick = scene.pods.values().find_map(|pod| {
        let container = containers(pod).find(|it| it["restartCount"].as_u64().unwrap_or(0) > 0)?;
        Some((pod.name().to_owned(), text(&container["name"]).to_owned()))
    });
    if let Some((pod, container)) = sick {
        out.push_str(&log(account, &pod, &container).await);
    }
    mask(&out, account.secrets)
}

fn headline(cause: &Cause) -> String {
    match &cause.pod {
        Some(pod) => format!("Pod {pod}: {}: {}\n", cause.reason, cause.message),
        None => format!("{}: {}\n", cause.reason, cause.message),
    }
}

fn pods(scene: &Scene) -> String {
    let Some(deployment) = &scene.deployment else {
        return String::new();
    };
    let n = numbers(deployment);
    let mut out = format!(
        "\n  Pods: {} wanted, {} new, {} ready, {} available\n",
        n.wanted, n.updated, n.ready, n.available
    );
    let mut pods: Vec<&Object> = scene.pods.values().collect();
    pods.sort_by_key(|pod| (is_ready(pod), pod.name()));
    for pod in pods.iter().take(PODS) {
        let _ = writeln!(out, "    {}  {}", pod.name(), pod_state(pod));
    }
    if pods.len() > PODS {
        let _ = writeln!(out, "    and {} more", pods.len() - PODS);
    }
    out
}

fn pod_state(pod: &Object) -> String {
    let restarts: u64 = containers(pod)
        .filter_map(|container| container["restartCount"].as_u64())
        .sum();
    let mut state = if is_ready(pod) {
        "ready".to_owned()
    } else if let Some(message) = unschedulable(pod) {
        format!("has no node: {message}")
    } else if let Some((container, reason, message)) = waiting(pod) {
        format!("{container}: {reason} {message}")
            .trim_end()
            .to_owned()
    } else {
        format!(
            "{}, not ready",
            text(&pod.0["status"]["phase"]).to_lowercase()
        )
    };
    if restarts > 0 {
        let _ = write!(state, " ({restarts} restarts)");
    }
    if !pod.0["metadata"]["deletionTimestamp"].is_null() {
        state.push_str(", terminating");
    }
    state
}

fn warnings(scene: &Scene) -> String {
    let warnings = scene.warnings(WARNINGS);
    if warnings.is_empty() {
        return String::new();
    }
    let mut out = "\n  Last warnings, newest first\n".to_owned();
    for event in warnings {
        let object = &event.0["involvedObject"];
        let _ = writeln!(
            out,
            "    {} {}/{} {}: {}",
            event_time(event).get(11..19).unwrap_or_default(),
            text(&object["kind"]),
            text(&object["name"]),
            text(&event.0["reason"]),
            text(&event.0["message"]).trim(),
        );
    }
    out
}

fn failing(scene: &Scene, cause: &Cause) -> Option<(String, String)> {
    if let (Some(pod), Some(container)) = (&cause.pod, &cause.container) {
        return Some((pod.clone(), container.clone()));
    }
    let pod = scene.new_pods().find(|pod| !is_ready(pod))?;
    let container = containers(pod).find(|container| container["ready"] == false)?;
    Some((pod.name().to_owned(), text(&container["name"]).to_owned()))
}

async fn log(account: &Account<'_>, pod: &str, container: &str) -> String {
    let lines = match fetch(account, pod, container, true).await {
        Some(lines) => Some(lines),
        None => fetch(account, pod, container, false).await,
    };
    let Some(lines) = lines else {
        return String::new();
    };
    let mut out = format!("\n  Last log lines of {pod}, container {container}\n");
    for line in lines
        .lines()
        .rev()
        .take(LOG_LINES)
        .collect::<Vec<_>>()
        .into_iter()
        .rev()
    {
        let _ = writeln!(out, "    {line}");
    }
    out
}

/// The log of the container that ended (`previous`), or of the one that runs.
async fn fetch(
    account: &Account<'_>,
    pod: &str,
    container: &str,
    previous: bool,
) -> Option<String> {
    let path = format!(
        "{}/{pod}/log?container={container}&tailLines={LOG_LINES}&previous={previous}",
        Kind::path(kinds::POD, Some(account.namespace)),
    );
    let request = http::Request::get(path).body(Vec::new()).ok()?;
    let answer = timeout(LOG_TIMEOUT, account.cluster.client().request_text(request)).await;
    answer.ok()?.ok().filter(|text| !text.trim().is_empty())
}

/// Shorter secrets would black out prose.
const SHORTEST_SECRET: usize = 4;

/// Blacks out every secret, each of its lines by itself: a key of several lines stands indented in
/// a message. Longer ones come first, so that one secret inside another leaves no rest of it.
pub fn mask(text: &str, secrets: &[String]) -> String {
    let lines = secrets.iter().flat_map(|secret| secret.lines());
    let mut hidden: Vec<&str> = lines
        .map(str::trim)
        .filter(|line| line.len() >= SHORTEST_SECRET)
        .collect();
    hidden.sort_by_key(|line| std::cmp::Reverse(line.len()));
    hidden
        .into_iter()
        .fold(text.to_owned(), |text, line| text.replace(line, "(hidden)"))
}

#[cfg(test)]
mod tests {
    use super::mask;

    #[test]
    fn secrets_are_blacked_out() {
        let secrets = [
            "ab",
            "hunter22",
            "hunter22-and-more",
            "-----BEGIN KEY-----\nMIIEvQ\n",
        ];
        let secrets = secrets.map(str::to_owned);
        for (said, shown) in [
            ("login hunter22 about", "login (hidden) about"),
            ("with hunter22-and-more.", "with (hidden)."),
            (
                "    -----BEGIN KEY-----\n    MIIEvQ\n",
                "    (hidden)\n    (hidden)\n",
            ),
            ("nothing", "nothing"),
        ] {
            assert_eq!(mask(said, &secrets), shown);
        }
    }
}

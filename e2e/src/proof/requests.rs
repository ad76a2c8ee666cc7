//! How many requests the provider sent in a step: counted in the API server's own audit log, not by the provider.

use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::report::Counts;

/// How the provider's `User-Agent` begins.
const PROVIDER: &str = "terraform-provider-seedling/";

/// Reads the audit log on from where it was left.
pub struct Requests {
    log: Option<PathBuf>,
    read: u64,
}

impl Requests {
    /// Of a cluster that writes its requests to `log`; without one, nothing is ever counted.
    pub fn new(log: Option<&Path>) -> Self {
        Self {
            log: log.map(Path::to_owned),
            read: 0,
        }
    }

    /// What the provider has asked for since the last call. A log that cannot be read counts as empty: the numbers are for information.
    pub fn since(&mut self) -> Counts {
        let text = self.rest().unwrap_or_default();
        count(&text)
    }

    /// The complete lines that were added.
    fn rest(&mut self) -> std::io::Result<String> {
        let Some(path) = &self.log else {
            return Ok(String::new());
        };
        let mut file = std::fs::File::open(path)?;
        file.seek(SeekFrom::Start(self.read))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        let complete = bytes
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |end| end + 1);
        bytes.truncate(complete);
        self.read += u64::try_from(complete).unwrap_or_default();
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}

/// One line of the log, as `audit.k8s.io/v1` writes an `Event`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    stage: String,
    verb: String,
    #[serde(default)]
    user_agent: String,
    #[serde(rename = "requestURI")]
    uri: String,
    object_ref: Option<ObjectRef>,
    response_status: Option<Status>,
}

#[derive(Deserialize)]
struct Status {
    #[serde(default)]
    code: u16,
}

/// What is between the words for a request that was refused and its status.
pub const REFUSED: &str = ", refused with ";

#[derive(Deserialize)]
struct ObjectRef {
    resource: String,
    subresource: Option<String>,
}

fn count(log: &str) -> Counts {
    let events = log
        .lines()
        .filter_map(|line| serde_json::from_str::<Event>(line).ok());
    let mut counts = Counts::new();
    for event in events.filter(Event::is_counted) {
        *counts.entry(event.label()).or_default() += 1;
    }
    counts
}

impl Event {
    /// A watch stands in the log twice: when it starts to answer, and when it ends.
    fn is_counted(&self) -> bool {
        let stage = if self.verb == "watch" {
            "ResponseStarted"
        } else {
            "ResponseComplete"
        };
        self.user_agent.starts_with(PROVIDER) && self.stage == stage
    }

    fn label(&self) -> String {
        let object = match &self.object_ref {
            None => self.uri.split('?').next().unwrap_or_default().to_owned(),
            Some(ObjectRef {
                resource,
                subresource: None,
            }) => resource.clone(),
            Some(ObjectRef {
                resource,
                subresource: Some(part),
            }) => format!("{resource}/{part}"),
        };
        let dry = if self.uri.contains("dryRun=All") {
            " (dry run)"
        } else {
            ""
        };
        format!("{} {object}{dry}{}", self.verb, self.refusal())
    }

    /// Something that is not there is an answer, not a refusal.
    fn refusal(&self) -> String {
        match self.response_status.as_ref().map(|status| status.code) {
            Some(code) if code >= 400 && code != 404 => format!("{REFUSED}{code}"),
            _ => String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(agent: &str, verb: &str, stage: &str, uri: &str, resource: &str) -> String {
        let event = serde_json::json!({
            "kind": "Event", "stage": stage, "verb": verb, "userAgent": agent, "requestURI": uri, "objectRef": { "resource": resource },
        });
        format!("{event}\n")
    }

    #[test]
    fn only_the_providers_requests_count_and_a_watch_once() {
        let agent = "terraform-provider-seedling/0.1.0";
        let log = [
            line(
                agent,
                "patch",
                "ResponseComplete",
                "/x?dryRun=All",
                "deployments",
            ),
            line(
                agent,
                "patch",
                "ResponseComplete",
                "/x?force=true",
                "deployments",
            ),
            line(agent, "watch", "ResponseStarted", "/x?watch=1", "pods"),
            line(agent, "watch", "ResponseComplete", "/x?watch=1", "pods"),
            line("kubectl/v1.36", "get", "ResponseComplete", "/x", "pods"),
        ]
        .concat();
        let expected = [
            ("patch deployments", 1),
            ("patch deployments (dry run)", 1),
            ("watch pods", 1),
        ];
        assert_eq!(
            count(&log),
            expected.map(|(label, n)| (label.to_owned(), n)).into()
        );
    }

    #[test]
    fn refusals_are_told_apart_and_what_is_missing_is_none() {
        let answered = |code: u16| {
            let event = serde_json::json!({
                "kind": "Event", "stage": "ResponseComplete", "verb": "patch", "userAgent": "terraform-provider-seedling/1",
                "requestURI": "/x?dryRun=All", "objectRef": { "resource": "pods" }, "responseStatus": { "code": code },
            });
            format!("{event}\n")
        };
        let log = [200, 404, 403, 403].map(answered).concat();
        let expected = [
            ("patch pods (dry run)", 2),
            ("patch pods (dry run), refused with 403", 2),
        ];
        assert_eq!(
            count(&log),
            expected.map(|(label, n)| (label.to_owned(), n)).into()
        );
    }

    #[test]
    fn a_log_is_read_on_from_its_last_complete_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.log");
        let whole = line(
            "terraform-provider-seedling/1",
            "get",
            "ResponseComplete",
            "/x",
            "pods",
        );
        std::fs::write(&path, format!("{whole}{}", &whole[..20])).unwrap();
        let mut requests = Requests::new(Some(&path));
        assert_eq!(requests.since(), Counts::from([("get pods".to_owned(), 1)]));
        std::fs::write(&path, format!("{whole}{whole}")).unwrap();
        assert_eq!(requests.since(), Counts::from([("get pods".to_owned(), 1)]));
        assert_eq!(requests.since(), Counts::new());
        assert_eq!(Requests::new(None).since(), Counts::new());
    }
}

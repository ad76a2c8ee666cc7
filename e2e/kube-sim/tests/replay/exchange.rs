//! Requests as they are kept in files, and how they are sent: to the real server when it is recorded, to the simulator when it is judged.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use kube::client::Body;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// How long an exchange that waits (`until`) may wait.
const LONGEST_WAIT: Duration = Duration::from_mins(1);
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

/// One file: a scenario.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recording {
    /// Version of the recorded server.
    pub server: String,
    /// Who asked.
    pub client: String,
    /// What the requests are about.
    pub scenario: String,
    /// In this order.
    pub exchanges: Vec<Exchange>,
}

/// A request and its answer.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    pub name: String,
    pub method: String,
    /// With the query; `{x}` is what an earlier exchange kept as `x`.
    pub path: String,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub headers: Map<String, Value>,
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub body: Value,
    /// Places in the answer (JSON pointers) whose value later exchanges need, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub keep: BTreeMap<String, String>,
    /// Asked again until these places of the answer (JSON pointers; `/status` is that of HTTP, `/body` the object) have these values:
    /// for what controllers do.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub until: BTreeMap<String, Value>,
    /// Places of the answer that depend on who of two controllers is first: not compared.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ignore: Vec<String>,
    /// Absent in a request that was not recorded yet.
    #[serde(default)]
    pub answer: Answer,
}

/// What the server said.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    pub status: u16,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// The object; a list of events where it is a watch; else a text.
    pub body: Value,
}

/// Where the recordings are.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(super::RECORDINGS)
}

/// All scenarios with their files, in the order of their names.
pub fn all() -> Vec<(PathBuf, Recording)> {
    let entries = std::fs::read_dir(folder().join("exchanges")).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).unwrap();
        let recording = serde_json::from_str(&text)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        (path, recording)
    };
    paths.into_iter().map(read).collect()
}

/// A client of one server, with what the exchanges of a scenario kept.
pub struct Sender {
    client: kube::Client,
    kept: BTreeMap<String, String>,
}

impl Sender {
    pub fn new(client: kube::Client) -> Sender {
        Sender {
            client,
            kept: BTreeMap::new(),
        }
    }

    /// The answer; of an exchange that waits, the one that it waited for or the last before its patience ended.
    /// `between` lets others work before each further request.
    pub async fn send(&mut self, exchange: &Exchange, mut between: impl FnMut()) -> Answer {
        let deadline = Instant::now() + LONGEST_WAIT;
        loop {
            let answer = self.once(exchange).await;
            if is_awaited(exchange, &answer) || Instant::now() > deadline {
                for (name, pointer) in &exchange.keep {
                    let value = answer.body.pointer(pointer).and_then(Value::as_str);
                    let value = value.unwrap_or_default().to_owned();
                    self.kept.insert(name.clone(), value);
                }
                return answer;
            }
            tokio::time::sleep(BETWEEN_LOOKS).await;
            between();
        }
    }

    async fn once(&self, exchange: &Exchange) -> Answer {
        let mut request = http::Request::builder()
            .method(exchange.method.as_str())
            .uri(self.filled(&exchange.path))
            .header("accept", "application/json")
            .header("user-agent", "recorder/1");
        for (name, value) in &exchange.headers {
            request = request.header(name, value.as_str().unwrap());
        }
        let body = match &exchange.body {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            body => self.filled(&body.to_string()),
        };
        let request = request.body(Body::from(body.into_bytes())).unwrap();
        let response = self.client.send(request).await.unwrap();
        let status = response.status().as_u16();
        let warnings = response.headers().get_all("warning").iter();
        let warnings = warnings
            .map(|value| value.to_str().unwrap().to_owned())
            .collect();
        let bytes = response.into_body().collect_bytes().await.unwrap();
        Answer {
            status,
            warnings,
            body: parsed(&exchange.path, &String::from_utf8_lossy(&bytes)),
        }
    }

    fn filled(&self, text: &str) -> String {
        let fill = |text: String, (name, value): (&String, &String)| {
            text.replace(&format!("{{{name}}}"), value)
        };
        self.kept.iter().fold(text.to_owned(), fill)
    }
}

fn parsed(path: &str, text: &str) -> Value {
    let whole = serde_json::from_str(text).ok();
    if path.contains("watch=true") {
        let events: Option<Vec<Value>> = text
            .lines()
            .map(|line| serde_json::from_str(line).ok())
            .collect();
        return events.map_or_else(|| text.into(), Value::Array);
    }
    whole.unwrap_or_else(|| text.into())
}

fn is_awaited(exchange: &Exchange, answer: &Answer) -> bool {
    let answer = serde_json::to_value(answer).unwrap();
    let holds = |(pointer, wanted): (&String, &Value)| {
        answer.pointer(pointer).unwrap_or(&Value::Null) == wanted
    };
    exchange.until.iter().all(holds)
}

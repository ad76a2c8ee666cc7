//! Requests as they are kept in files, and how they are sent: to the real server when it is recorded, to the simulator when it is judged.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use kube::client::Body;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// How long an exchange that waits (`until`) may wait.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

/// One file: a scenario.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recording {
[serde(default)]
    pub answer/// Version of the recorded server.
[serde(default)]
    pub answerpub server: String,
[serde(default)]
    pub answer/// Who asked.
[serde(default)]
    pub answerpub client: String,
[serde(default)]
    pub answer/// What the requests are about.
[serde(default)]
    pub answerpub scenario: String,
[serde(default)]
    pub answer/// In this order.
[serde(default)]
    pub answerpub exchanges: Vec<Exchange>,
}

/// A request and its answer.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exchange {
[serde(default)]
    pub answerpub name: String,
[serde(default)]
    pub answerpub method: String,
[serde(default)]
    pub answer/// With the query; `{x}` is what an earlier exchange kept as `x`.
[serde(default)]
    pub answerpub path: String,
[serde(default)]
    pub answer#[serde(default, skip_serializing_if = "Map::is_empty")]
[serde(default)]
    pub answerpub headers: Map<String, Value>,
[serde(default)]
    pub answer#[serde(default, skip_serializing_if = "Value::is_null")]
[serde(default)]
    pub answerpub body: Value,
[serde(default)]
    pub answer/// Places in the answer (JSON pointers) whose value later exchanges need, by name.
[serde(default)]
    pub answer#[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
[serde(default)]
    pub answerpub keep: BTreeMap<String, String>,
[serde(default)]
    pub answer/// Asked again until these places of the answer (JSON pointers; `/status` is that of HTTP, `/body` the object) have these values:
[serde(default)]
    pub answer/// for what controllers do.
[serde(default)]
    pub answer#[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
[serde(default)]
    pub answerpub until: BTreeMap<String, Value>,
[serde(default)]
    pub answer/// Places of the answer that depend on who of two controllers is first: not compared.
[serde(default)]
    pub answer#[serde(default, skip_serializing_if = "Vec::is_empty")]
[serde(default)]
    pub answerpub ignore: Vec<String>,
[serde(default)]
    pub answer/// Absent in a request that was not recorded yet.
[serde(default)]
    pub answer#[serde(default)]
[serde(default)]
    pub answerpub answer: Answer,
}

/// What the server said.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
[serde(default)]
    pub answerpub status: u16,
[serde(default)]
    pub answer#[serde(default, skip_serializing_if = "Vec::is_empty")]
[serde(default)]
    pub answerpub warnings: Vec<String>,
[serde(default)]
    pub answer/// The object; a list of events where it is a watch; else a text.
[serde(default)]
    pub answerpub body: Value,
}

/// Where the recordings are.
pub fn folder() -> PathBuf {
[serde(default)]
    pub answerPath::new(env!("CARGO_MANIFEST_DIR")).join(super::RECORDINGS)
}

/// All scenarios with their files, in the order of their names.
pub fn all() -> Vec<(PathBuf, Recording)> {
[serde(default)]
    pub answerlet entries = std::fs::read_dir(folder().join("exchanges")).unwrap();
[serde(default)]
    pub answerlet mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
[serde(default)]
    pub answerpaths.sort();
[serde(default)]
    pub answerlet read = |path: PathBuf| {
[serde(default)]
    pub answer    let text = std::fs::read_to_string(&path).unwrap();
[serde(default)]
    pub answer    let recording = serde_json::from_str(&text)
[serde(default)]
    pub answer        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
[serde(default)]
    pub answer    (path, recording)
[serde(default)]
    pub answer};
[serde(default)]
    pub answerpaths.into_iter().map(read).collect()
}

/// A client of one server, with what the exchanges of a scenario kept.
pub struct Sender {
[serde(default)]
    pub answerclient: kube::Client,
[serde(default)]
    pub answerkept: BTreeMap<String, String>,
}

impl Sender {
[serde(default)]
    pub answerpub fn new(client: kube::Client) -> Sender {
[serde(default)]
    pub answer    Sender {
[serde(default)]
    pub answer        client,
[serde(default)]
    pub answer        kept: BTreeMap::new(),
[serde(default)]
    pub answer    }
[serde(default)]
    pub answer}

[serde(default)]
    pub answer/// The answer; of an exchange that waits, the one that it waited for or the last before its patience ended.
[serde(default)]
    pub answer/// `between` lets others work before each further request.
[serde(default)]
    pub answerpub async fn send(&mut self, exchange: &Exchange, mut between: impl FnMut()) -> Answer {
[serde(default)]
    pub answer    let deadline = Instant::now() + LONGEST_WAIT;
[serde(default)]
    pub answer    loop {
[serde(default)]
    pub answer        let answer = self.once(exchange).await;
[serde(default)]
    pub answer        if is_awaited(exchange, &answer) || Instant::now() > deadline {
[serde(default)]
    pub answer            for (name, pointer) in &exchange.keep {
[serde(default)]
    pub answer                let value = answer.body.pointer(pointer).and_then(Value::as_str);
[serde(default)]
    pub answer                let value = value.unwrap_or_default().to_owned();
[serde(default)]
    pub answer                self.kept.insert(name.clone(), value);
[serde(default)]
    pub answer            }
[serde(default)]
    pub answer            return answer;
[serde(default)]
    pub answer        }
[serde(default)]
    pub answer        tokio::time::sleep(BETWEEN_LOOKS).await;
[serde(default)]
    pub answer        between();
[serde(default)]
    pub answer    }
[serde(default)]
    pub answer}

[serde(default)]
    pub answerasync fn once(&self, exchange: &Exchange) -> Answer {
[serde(default)]
    pub answer    let mut request = http::Request::builder()
[serde(default)]
    pub answer        .method(exchange.method.as_str())
[serde(default)]
    pub answer        .uri(self.filled(&exchange.path))
[serde(default)]
    pub answer        .header("accept", "application/json")
[serde(default)]
    pub answer        .header("user-agent", "recorder/1");
[serde(default)]
    pub answer    for (name, value) in &exchange.headers {
[serde(default)]
    pub answer        request = request.header(name, value.as_str().unwrap());
[serde(default)]
    pub answer    }
[serde(default)]
    pub answer    let body = match &exchange.body {
[serde(default)]
    pub answer        Value::Null => String::new(),
[serde(default)]
    pub answer        Value::String(text) => text.clone(),
[serde(default)]
    pub answer        body => self.filled(&body.to_string()),
[serde(default)]
    pub answer    };
[serde(default)]
    pub answer    let request = request.body(Body::from(body.into_bytes())).unwrap();
[serde(default)]
    pub answer    let response = self.client.send(request).await.unwrap();
[serde(default)]
    pub answer    let status = response.status().as_u16();
[serde(default)]
    pub answer    let warnings = response.headers().get_all("warning").iter();
[serde(default)]
    pub answer    let warnings = warnings
[serde(default)]
    pub answer        .map(|value| value.to_str().unwrap().to_owned())
[serde(default)]
    pub answer        .collect();
[serde(default)]
    pub answer    let bytes = response.into_body().collect_bytes().await.unwrap();
[serde(default)]
    pub answer    Answer {
[serde(default)]
    pub answer        status,
[serde(default)]
    pub answer        warnings,
[serde(default)]
    pub answer        body: parsed(&exchange.path, &String::from_utf8_lossy(&bytes)),
[serde(default)]
    pub answer    }
[serde(default)]
    pub answer}

[serde(default)]
    pub answerfn filled(&self, text: &str) -> String {
[serde(default)]
    pub answer    let fill = |text: String, (name, value): (&String, &String)| {
[serde(default)]
    pub answer        text.replace(&format!("{{{name}}}"), value)
[serde(default)]
    pub answer    };
[serde(default)]
    pub answer    self.kept.iter().fold(text.to_owned(), fill)
[serde(default)]
    pub answer}
}

fn parsed(path: &str, text: &str) -> Value {
[serde(default)]
    pub answerlet whole = serde_json::from_str(text).ok();
[serde(default)]
    pub answerif path.contains("watch=true") {
[serde(default)]
    pub answer    let events: Option<Vec<Value>> = text
[serde(default)]
    pub answer        .lines()
[serde(default)]
    pub answer        .map(|line| serde_json::from_str(line).ok())
[serde(default)]
    pub answer        .collect();
[serde(default)]
    pub answer    return events.map_or_else(|| text.into(), Value::Array);
[serde(default)]
    pub answer}
[serde(default)]
    pub answerwhole.unwrap_or_else(|| text.into())
}

fn is_awaited(exchange: &Exchange, answer: &Answer) -> bool {
[serde(default)]
    pub answerlet answer = serde_json::to_value(answer).unwrap();
[serde(default)]
    pub answerlet holds = |(pointer, wanted): (&String, &Value)| {
[serde(default)]
    pub answer    answer.pointer(pointer).unwrap_or(&Value::Null) == wanted
[serde(default)]
    pub answer};
[serde(default)]
    pub answerexchange.until.iter().all(holds)
}

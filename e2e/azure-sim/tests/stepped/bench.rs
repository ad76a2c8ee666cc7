//! A simulator, and a client that is signed in.

use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use seedling_azure_sim::Simulator;
use seedling_azure_sim::authority::Authority;
use seedling_azure_sim::clock::SteppedClock;
use seedling_azure_sim::faults::Outcome;
use seedling_azure_sim::http::{Answer, Request};
use seedling_azure_sim::settings::Settings;
use seedling_azure_sim::store::{Seed, World};
use serde_json::{Value, json};
use time::macros::datetime;

pub const BASE: &str = "https://localhost:1";
pub const VERSION: &str = "2025-10-01";

pub struct Bench {
    pub simulator: Simulator,
    pub seed: Seed,
    pub cluster: String,
    token: String,
}

/// What came back.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Value,
}

impl Reply {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value.as_str())
    }

    /// The error's code, in whichever of the shapes it is.
    pub fn code(&self) -> &str {
        self.body["error"]["code"]
            .as_str()
            .or_else(|| self.body["code"].as_str())
            .unwrap_or_default()
    }
}

impl Bench {
    pub fn new() -> Bench {
        Bench::with(Settings {
            throttle: false,
            ..Settings::default()
        })
    }

    pub fn with(settings: Settings) -> Bench {
        let start = datetime!(2026-01-31 08:00 UTC);
        let seed = Seed::default();
        let world = World::new(&seed, start);
        let principal = world.directory.applications[0].object_id.clone();
        let clock = Arc::new(SteppedClock::at(start));
        let simulator = Simulator::new(
            world,
            settings,
            clock,
            Authority::new().unwrap(),
            BASE.to_owned(),
        )
        .unwrap();
        let token = simulator.token(&principal, BASE);
        let cluster = format!(
            "/subscriptions/{}/resourceGroups/{}/providers/Microsoft.ContainerService/managedClusters/{}",
            seed.subscription, seed.resource_group, seed.cluster
        );
        Bench {
            simulator,
            seed,
            cluster,
            token,
        }
    }

    /// Signed in as somebody else.
    pub fn as_principal(&mut self, object: &str) {
        self.token = self.simulator.token(object, BASE);
    }

    pub fn step(&self, seconds: u64) {
        assert!(self.simulator.step(Duration::from_secs(seconds)));
    }

    pub fn pool(&self, name: &str) -> String {
        format!("{}/agentPools/{name}?api-version={VERSION}", self.cluster)
    }

    pub fn get(&self, target: &str) -> Reply {
        self.send(Method::GET, target, &[], Value::Null)
    }

    pub fn put(&self, target: &str, body: Value) -> Reply {
        self.send(Method::PUT, target, &[], body)
    }

    pub fn send(
        &self,
        method: Method,
        target: &str,
        headers: &[(&'static str, &str)],
        body: Value,
    ) -> Reply {
        self.outcome(method, target, headers, body)
            .expect("an answer")
    }

    /// None when the connection was cut.
    pub fn outcome(
        &self,
        method: Method,
        target: &str,
        headers: &[(&'static str, &str)],
        body: Value,
    ) -> Option<Reply> {
        let path = target.strip_prefix(BASE).unwrap_or(target);
        let uri: Uri = path.replace(' ', "%20").parse().unwrap();
        let mut all = HeaderMap::new();
        all.insert(
            "authorization",
            HeaderValue::from_str(&format!("Bearer {}", self.token)).unwrap(),
        );
        for (name, value) in headers {
            all.insert(
                HeaderName::from_static(name),
                HeaderValue::from_str(value).unwrap(),
            );
        }
        let bytes = if body.is_null() {
            Vec::new()
        } else {
            body.to_string().into_bytes()
        };
        match self
            .simulator
            .answer(&Request::new(method, &uri, all, bytes))
        {
            Outcome::Answer(answer) | Outcome::Late(answer, _) => Some(reply(answer)),
            Outcome::Cut => None,
        }
    }

    /// A pool, made with these properties beside the necessary ones.
    pub fn made(&self, name: &str, more: &Value) -> Reply {
        let reply = self.put(&self.pool(name), body(more));
        self.step(3600);
        reply
    }
}

/// The body of a PUT.
pub fn body(more: &Value) -> Value {
    let mut properties = json!({ "count": 1, "vmSize": "Standard_D4ds_v5", "mode": "User" });
    for (name, value) in more.as_object().into_iter().flatten() {
        properties[name] = value.clone();
    }
    json!({ "properties": properties })
}

fn reply(answer: Answer) -> Reply {
    Reply {
        status: answer.status,
        headers: answer.headers,
        body: answer.body.unwrap_or_default(),
    }
}

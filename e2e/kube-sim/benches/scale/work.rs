//! The work, the same for every cluster, and how long it took.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use futures::{StreamExt, TryStreamExt, stream};
use k8s_openapi::api::apps::v1::Deployment;
use kube::api::{Api, WatchEvent, WatchParams};
use kube::client::Body;
use serde_json::{Value, json};

use crate::objects::{KINDS, LABEL, LISTS, NAMESPACES, node, of_service};

/// How many requests are under way at once.
const AT_ONCE: usize = 8;

/// What was measured.
#[derive(Default)]
pub struct Figures {
    /// From its start until it says that it is ready.
    pub ready: Duration,
    /// Until every service's objects are applied and its pods are ready.
    pub apply: Duration,
    /// Until every service runs in a new version.
    pub roll: Duration,
    /// Processor time of the cluster for both, where it is one process.
    pub own: Option<Duration>,
    /// Until all objects are listed.
    pub list: Duration,
    /// The most memory that it had, in bytes, where it is one process.
    pub memory: Option<u64>,
}

impl Figures {
    /// What, how much, and the unit.
    pub fn lines(&self, objects: usize) -> [(String, Option<(f64, &'static str)>); 6] {
        let seconds = |time: Duration| Some((time.as_secs_f64(), "s"));
        let megabytes = self.memory.map(|bytes| (bytes as f64 / 1e6, "MB"));
        [
            ("ready".to_owned(), seconds(self.ready)),
            ("applied, all pods ready".to_owned(), seconds(self.apply)),
            ("rolled once".to_owned(), seconds(self.roll)),
            ("own time for both".to_owned(), self.own.and_then(seconds)),
            (
                format!("LIST of {objects} objects"),
                Some((self.list.as_secs_f64() * 1e3, "ms")),
            ),
            ("most memory".to_owned(), megabytes),
        ]
    }
}

/// Nodes and namespaces.
pub async fn furnish(client: &kube::Client) {
    for name in ["scale-0", "scale-1", "scale-2"] {
        send(
            client,
            "POST",
            "/api/v1/nodes",
            "application/json",
            &node(name),
        )
        .await;
    }
    for name in NAMESPACES {
        let namespace = json!({ "metadata": { "name": name } });
        send(
            client,
            "POST",
            "/api/v1/namespaces",
            "application/json",
            &namespace,
        )
        .await;
    }
}

/// Applies a release of every service and waits until it runs. Of a second release only the Deployments differ.
pub async fn apply(client: &kube::Client, services: usize, release: u32) -> Duration {
    let start = Instant::now();
    let objects = (0..services).flat_map(|index| {
        let all = of_service(index, release);
        all.into_iter()
            .skip(if release == 1 { 0 } else { KINDS - 1 })
    });
    let requests = stream::iter(objects).map(|(collection, object)| async move {
        let name = object["metadata"]["name"].as_str().unwrap();
        let path = format!("{collection}/{name}?fieldManager=scale&force=true");
        send(
            client,
            "PATCH",
            &path,
            "application/apply-patch+yaml",
            &object,
        )
        .await;
    });
    requests
        .buffer_unordered(AT_ONCE)
        .collect::<Vec<()>>()
        .await;
    let all = rolled_out(client, services, release);
    let waited = tokio::time::timeout(Duration::from_mins(10), all).await;
    waited.unwrap_or_else(|_| panic!("release {release} was not rolled out within ten minutes"));
    start.elapsed()
}

async fn rolled_out(client: &kube::Client, services: usize, release: u32) {
    let api: Api<Deployment> = Api::all(client.clone());
    let parameters = WatchParams::default().labels(&format!("{LABEL}=yes"));
    let mut events = api.watch(&parameters, "0").await.unwrap().boxed();
    let mut done = HashSet::new();
    while done.len() < services {
        let event = events.try_next().await.unwrap();
        match event.expect("the watch goes on") {
            WatchEvent::Added(deployment) | WatchEvent::Modified(deployment)
                if runs(&deployment, release) =>
            {
                done.insert(deployment.metadata.name);
            }
            WatchEvent::Error(error) => panic!("{error:?}"),
            _ => {}
        }
    }
}

fn runs(deployment: &Deployment, release: u32) -> bool {
    let (Some(spec), Some(status)) = (&deployment.spec, &deployment.status) else {
        return false;
    };
    let image = spec
        .template
        .spec
        .as_ref()
        .and_then(|pod| pod.containers[0].image.as_deref());
    image.is_some_and(|image| image.ends_with(&format!(":{release}")))
        && status.observed_generation == deployment.metadata.generation
        && [
            status.replicas,
            status.updated_replicas,
            status.available_replicas,
        ] == [spec.replicas; 3]
}

/// The median of some attempts.
pub async fn list(client: &kube::Client, services: usize) -> Duration {
    let mut times = Vec::new();
    for _ in 0..5 {
        let mut bodies = Vec::new();
        let start = Instant::now();
        for path in LISTS {
            bodies.push(get(client, &format!("{path}?labelSelector={LABEL}")).await);
        }
        times.push(start.elapsed());
        for body in bodies {
            let list: Value = serde_json::from_slice(&body).unwrap();
            assert_eq!(list["items"].as_array().map(Vec::len), Some(services));
        }
    }
    times.sort();
    times[times.len() / 2]
}

async fn get(client: &kube::Client, path: &str) -> Vec<u8> {
    let request = http::Request::get(path).body(Body::empty()).unwrap();
    let response = client.send(request).await.unwrap();
    response.into_body().collect_bytes().await.unwrap().to_vec()
}

async fn send(client: &kube::Client, method: &str, path: &str, kind: &str, body: &Value) {
    let request = http::Request::builder().method(method).uri(path);
    let request = request
        .header("content-type", kind)
        .body(Body::from(body.to_string().into_bytes()));
    let response = client.send(request.unwrap()).await.unwrap();
    let status = response.status();
    let text = response.into_body().collect_bytes().await.unwrap();
    assert!(
        status.is_success(),
        "{method} {path}: {status}: {}",
        String::from_utf8_lossy(&text)
    );
}

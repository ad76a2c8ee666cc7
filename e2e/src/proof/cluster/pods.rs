//! Counts available pods at every moment of a rollout.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures::StreamExt as _;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::Pod;
use kube::api::{Api, ListParams};
use kube::runtime::watcher::{self, Event, watcher};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::objects::PROJECT;
use crate::proof::ProofError;

/// A Deployment whose pods are counted.
#[derive(Clone, Debug)]
pub struct Workload {
    /// `prod/api`.
    pub name: String,
    /// Pods it should have.
    pub replicas: i64,
    namespace: String,
    selector: BTreeMap<String, String>,
}

/// What was seen of one workload.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// The lowest number of available pods at any moment.
    pub lowest: usize,
    /// All pods that were there at any moment, by uid.
    pub pods: BTreeSet<String>,
    /// When the first new pod was there, and when anything changed for the last time, since the count began. Nothing where
    /// no pod was new.
    pub rolled: Option<(Duration, Duration)>,
    /// Pods and available pods at the last moment.
    now: (usize, usize),
}

impl Seen {
    fn look(&mut self, its: &[&Pod], is_first: bool, at: Duration) {
        let available = its.iter().filter(|pod| is_available(pod)).count();
        self.lowest = if is_first {
            available
        } else {
            self.lowest.min(available)
        };
        let known = self.pods.len();
        self.pods.extend(its.iter().map(|pod| uid(pod)));
        let is_new = self.pods.len() > known && !is_first;
        let now = (its.len(), available);
        self.rolled = match self.rolled {
            None if is_new => Some((at, at)),
            Some((began, _)) if is_new || now != self.now => Some((began, at)),
            rolled => rolled,
        };
        self.now = now;
    }
}

/// The Deployments of all projects.
pub async fn workloads(client: &kube::Client) -> Result<Vec<Workload>, ProofError> {
    let api: Api<Deployment> = Api::all(client.clone());
    let list = api
        .list(&ListParams::default().labels(PROJECT))
        .await
        .map_err(ProofError::api("listing Deployments"))?;
    let workload = |deployment: Deployment| {
        let spec = deployment.spec?;
        let namespace = deployment.metadata.namespace?;
        Some(Workload {
            name: format!("{namespace}/{}", deployment.metadata.name?),
            replicas: i64::from(spec.replicas.unwrap_or(1)),
            namespace,
            selector: spec.selector.match_labels.unwrap_or_default(),
        })
    };
    Ok(list.items.into_iter().filter_map(workload).collect())
}

/// A running count.
pub struct Sampler {
    seen: Arc<Mutex<Vec<Seen>>>,
    task: JoinHandle<()>,
}

impl Sampler {
    /// Starts to count; returns once the pods that are there now have been counted.
    pub async fn start(
        client: &kube::Client,
        workloads: Vec<Workload>,
    ) -> Result<Self, ProofError> {
        let seen = Arc::new(Mutex::new(vec![Seen::default(); workloads.len()]));
        let (started, wait) = oneshot::channel();
        let task = tokio::spawn(count(client.clone(), workloads, Arc::clone(&seen), started));
        wait.await
            .map_err(|_| ProofError::broken("the watch on pods ended at once"))?;
        Ok(Self { seen, task })
    }

    /// Ends the count: what was seen, in the order of the workloads.
    pub fn stop(self) -> Vec<Seen> {
        self.task.abort();
        self.seen
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

async fn count(
    client: kube::Client,
    workloads: Vec<Workload>,
    seen: Arc<Mutex<Vec<Seen>>>,
    started: oneshot::Sender<()>,
) {
    let mut started = Some(started);
    let began = Instant::now();
    let mut pods: BTreeMap<String, Pod> = BTreeMap::new();
    let mut relisted: BTreeMap<String, Pod> = BTreeMap::new();
    let events = watcher(Api::<Pod>::all(client), watcher::Config::default());
    futures::pin_mut!(events);
    while let Some(event) = events.next().await {
        match event {
            // A list is complete only at its end: nothing can be counted before.
            Ok(Event::Init) => {
                relisted.clear();
                continue;
            }
            Ok(Event::InitApply(pod)) => {
                relisted.insert(uid(&pod), pod);
                continue;
            }
            Ok(Event::InitDone) => pods = std::mem::take(&mut relisted),
            Ok(Event::Apply(pod)) => drop(pods.insert(uid(&pod), pod)),
            Ok(Event::Delete(pod)) => drop(pods.remove(&uid(&pod))),
            // The watcher starts again by itself.
            Err(_) => continue,
        }
        let first = started.take();
        let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
        for (workload, seen) in workloads.iter().zip(seen.iter_mut()) {
            let its: Vec<&Pod> = pods.values().filter(|pod| belongs(pod, workload)).collect();
            seen.look(&its, first.is_some(), began.elapsed());
        }
        if let Some(first) = first {
            // The receiver is gone only if the run is.
            let _ = first.send(());
        }
    }
}

fn uid(pod: &Pod) -> String {
    pod.metadata.uid.clone().unwrap_or_default()
}

fn belongs(pod: &Pod, workload: &Workload) -> bool {
    let labels = pod.metadata.labels.as_ref();
    pod.metadata.namespace.as_ref() == Some(&workload.namespace)
        && workload
            .selector
            .iter()
            .all(|(name, value)| labels.and_then(|l| l.get(name)) == Some(value))
}

/// As the Deployment controller counts: ready, and not about to go.
fn is_available(pod: &Pod) -> bool {
    let conditions = pod
        .status
        .as_ref()
        .and_then(|status| status.conditions.as_deref())
        .unwrap_or_default();
    pod.metadata.deletion_timestamp.is_none()
        && conditions
            .iter()
            .any(|c| c.type_ == "Ready" && c.status == "True")
}

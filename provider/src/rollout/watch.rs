//! Follows one rollout to its end: four watches, one deadline, no polling.

use std::{collections::HashSet, time::Duration};

use futures::{Stream, StreamExt, TryStreamExt, stream::select_all};
use kube::runtime::watcher;
use seedling_model::Object;
use seedling_schema::{Diagnostic, Stop};
use tokio::time::{Instant, interval, sleep_until, timeout_at};

use super::{
    explain::{self, Account},
    fit,
    judge::{self, Cause, Judgement, Nodes, Ours},
    scene::{Scene, text},
};
use crate::kubernetes::{Cluster, Failure, Kind, kinds, watching::Change};

/// A node that is coming, or a pull that runs, extends the time-out up to this.
const LONGEST: Duration = Duration::from_mins(30);

/// How much later than the state of a pod the event that explains it may come.
const EVENTS_LATE: Duration = Duration::from_secs(2);

/// A rollout to follow.
pub struct Rollout<'a> {
    pub cluster: &'a Cluster,
    pub namespace: &'a str,
    /// The Deployment.
    pub name: &'a str,
    /// How people call the service.
    pub title: &'a str,
    pub timeout: Duration,
    pub stop: Stop,
    pub ours: Ours,
    /// An autoscaler is known to act on this cluster.
    pub nodes_can_come: bool,
    /// Texts that must not appear in any message.
    pub secrets: Vec<String>,
}

/// How it ended when it did not complete.
#[derive(Debug)]
pub enum Ending {
    /// It cannot or did not succeed; the text becomes `rollout_status`.
    Failed {
        status: String,
        diagnostic: Box<Diagnostic>,
    },
    /// The command line asked to stop.
    Stopped(Box<Diagnostic>),
}

/// What one watch tells, with the kind it is about.
type Told = Result<(Kind, Change), Failure>;

impl Rollout<'_> {
    /// Watches until the rollout is complete, cannot succeed, is out of time or is stopped.
    pub async fn follow(&self, deployment: Object) -> Result<(), Ending> {
        let start = Instant::now();
        let mut scene = Scene::default();
        let mut listed = Lists::default();
        let mut nodes = Nodes::Unknown;
        let mut begun = false;
        let mut told = self.changes(&selector(&deployment));
        scene.see_deployment(deployment, Duration::ZERO);
        // Only to let time-based rules take effect: what is judged comes from the watches.
        let mut tick = interval(Duration::from_secs(1));
        let mut deadline = start + self.timeout;
        loop {
            tokio::select! {
                biased;
                () = self.stop.stopped() => return Err(self.stopped()),
                () = sleep_until(deadline) => {
                    let longest = start + self.timeout.max(LONGEST);
                    if judge::is_under_way(&scene) && deadline < longest {
                        deadline = (deadline + Duration::from_mins(1)).min(longest);
                        continue;
                    }
                    return Err(self.failed(&scene, &self.out_of_time()).await);
                }
                change = told.try_next() => match change {
                    Ok(Some((kind, change))) => take_in(&mut scene, &mut listed, kind, change, start.elapsed()),
                    Ok(None) => {}
                    // Events only help to explain; the rollout can be followed without them.
                    Err(failure) if failure.is_forbidden() => {
                        listed.done.insert(kinds::EVENT);
                        tracing::warn!(error = %failure, "a watch is not allowed");
                    }
                    Err(failure) => return Err(self.lost(&failure)),
                },
                _ = tick.tick() => {}
            }
            if !listed.is_complete() {
                continue;
            }
            if !begun {
                scene.begin();
                begun = true;
            }
            if scene.unschedulable_since.is_some() && nodes == Nodes::Unknown {
                nodes = self.look_at_nodes(&scene).await;
            }
            match judge::judge(&scene, &self.ours, nodes, start.elapsed()) {
                Judgement::Complete => return Ok(()),
                Judgement::Wait(what) => tracing::debug!(service = self.title, %what, "waiting"),
                Judgement::Doomed(cause) => {
                    let until = Instant::now() + EVENTS_LATE;
                    while scene.warnings(1).is_empty()
                        && let Ok(Ok(Some((kind, change)))) =
                            timeout_at(until, told.try_next()).await
                    {
                        take_in(&mut scene, &mut listed, kind, change, start.elapsed());
                    }
                    return Err(self.failed(&scene, &cause).await);
                }
            }
        }
    }

    fn changes(&self, selector: &str) -> impl Stream<Item = Told> + Send + Unpin + use<> {
        let named = watcher::Config::default().fields(&format!("metadata.name={}", self.name));
        let selected = || watcher::Config::default().labels(selector);
        let watch = |kind: Kind, config: watcher::Config| {
            let changes = self.cluster.changes(kind, Some(self.namespace), config);
            changes.map_ok(move |change| (kind, change)).boxed()
        };
        select_all([
            watch(kinds::DEPLOYMENT, named),
            watch(kinds::REPLICA_SET, selected()),
            watch(kinds::POD, selected()),
            watch(kinds::EVENT, watcher::Config::default()),
        ])
    }

    async fn look_at_nodes(&self, scene: &Scene) -> Nodes {
        if self.nodes_can_come || self.has_autoscaler(scene).await {
            return Nodes::MayFit;
        }
        let nodes = self
            .cluster
            .list(kinds::NODE, None, &kube::api::ListParams::default())
            .await;
        // Whoever may not see nodes cannot rule them out.
        let Ok(nodes) = nodes else {
            return Nodes::MayFit;
        };
        let homeless = scene
            .new_pods()
            .find(|pod| super::scene::unschedulable(pod).is_some());
        match homeless {
            Some(pod) if !nodes.iter().any(|node| fit::could_ever_fit(node, pod)) => {
                Nodes::NeverFit
            }
            _ => Nodes::MayFit,
        }
    }

    /// The cluster autoscaler publishes this config map wherever it runs.
    async fn has_autoscaler(&self, scene: &Scene) -> bool {
        if scene.has_pod_event("TriggeredScaleUp") || scene.has_pod_event("NotTriggerScaleUp") {
            return true;
        }
        let status = self
            .cluster
            .get(
                kinds::CONFIG_MAP,
                Some("kube-system"),
                "cluster-autoscaler-status",
            )
            .await;
        matches!(status, Ok(Some(_)))
    }

    fn out_of_time(&self) -> Cause {
        Cause {
            pod: None,
            container: None,
            reason: "time-out".to_owned(),
            message: format!("not complete after {} seconds", self.timeout.as_secs()),
            next_step: "If it simply needs longer, raise `rollout.timeout`; the rollout goes on in the cluster, and the next apply waits for it.",
        }
    }

    async fn failed(&self, scene: &Scene, cause: &Cause) -> Ending {
        let account = Account {
            cluster: self.cluster,
            namespace: self.namespace,
            title: self.title,
            secrets: &self.secrets,
        };
        Ending::Failed {
            status: format!("failed: {}", cause.reason),
            diagnostic: Box::new(explain::diagnostic(&account, scene, cause).await),
        }
    }

    fn lost(&self, failure: &Failure) -> Ending {
        Ending::Failed {
            status: "unknown".to_owned(),
            diagnostic: Box::new(
                failure.diagnostic(&format!("follow the rollout of {}", self.title)),
            ),
        }
    }

    fn stopped(&self) -> Ending {
        Ending::Stopped(Box::new(Diagnostic::error(
            format!("Stopped while {} was rolling out", self.title),
            "The rollout goes on in the cluster. The next apply waits for it and finishes what is left.",
        )))
    }
}

/// Which watches have delivered their first list.
#[derive(Default)]
struct Lists {
    running: HashSet<Kind>,
    done: HashSet<Kind>,
}

impl Lists {
    fn is_complete(&self) -> bool {
        [
            kinds::DEPLOYMENT,
            kinds::REPLICA_SET,
            kinds::POD,
            kinds::EVENT,
        ]
        .iter()
        .all(|kind| self.done.contains(kind))
    }
}

fn take_in(scene: &mut Scene, lists: &mut Lists, kind: Kind, change: Change, now: Duration) {
    match change {
        Change::Listing => {
            lists.running.insert(kind);
            forget(scene, kind);
        }
        Change::Listed => {
            lists.running.remove(&kind);
            lists.done.insert(kind);
        }
        Change::Is(object) if kind == kinds::DEPLOYMENT => scene.see_deployment(object, now),
        Change::Is(object) if kind == kinds::POD => scene.see_pod(object, now),
        Change::Is(object) if kind == kinds::REPLICA_SET => scene.see_replica_set(object, now),
        Change::Is(event) if scene.concerns(&event) => {
            scene.events.insert(event.name().to_owned(), event);
        }
        Change::Gone(name) if kind == kinds::POD => scene.lose_pod(&name, now),
        Change::Gone(name) if kind == kinds::REPLICA_SET => {
            scene.replica_sets.remove(&name);
        }
        Change::Gone(_) if kind == kinds::DEPLOYMENT => scene.deployment = None,
        // Events of other workloads; and events that expired, whose words still explain.
        Change::Is(_) | Change::Gone(_) => {}
    }
}

/// A new list replaces what was known of a kind.
fn forget(scene: &mut Scene, kind: Kind) {
    if kind == kinds::POD {
        scene.pods.clear();
    } else if kind == kinds::REPLICA_SET {
        scene.replica_sets.clear();
    }
}

/// The label selector by which a Deployment finds its pods.
pub fn selector(deployment: &Object) -> String {
    let labels = deployment.0["spec"]["selector"]["matchLabels"].as_object();
    let pairs = labels
        .into_iter()
        .flatten()
        .map(|(name, value)| format!("{name}={}", text(value)));
    pairs.collect::<Vec<_>>().join(",")
}

//! Calls controllers when something changed or a moment has come, and takes their writes to the API.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use time::OffsetDateTime;

use super::kinds::NAMESPACE;
use super::object;
use super::world::{Settings, World};
use super::{Controller, Writer};
use crate::store::{Change, Key, Store};

/// `DefaultTypedControllerRateLimiter` of client-go: the first back-off and the longest.
const FIRST_BACKOFF: Duration = Duration::from_millis(5);
const LONGEST_BACKOFF: Duration = Duration::from_secs(1000);

/// After so many calls the runner lets other tasks run.
const TURNS_IN_A_ROW: usize = 16;

/// One controller's work for one key.
type Task = (usize, Key);

/// All controllers of a cluster, at work.
pub struct Runner {
    store: Store,
    writer: Arc<dyn Writer>,
    controllers: Vec<Box<dyn Controller>>,
    world: World,
    /// The store's revision that the world shows.
    seen: u64,
    queue: VecDeque<Task>,
    queued: HashSet<Task>,
    due: BTreeSet<(OffsetDateTime, Task)>,
    wakes: HashMap<Task, OffsetDateTime>,
    refusals: HashMap<Task, u32>,
}

impl Runner {
    /// Controllers over a store that write through the API.
    pub fn new(
        store: Store,
        writer: Arc<dyn Writer>,
        settings: Settings,
        controllers: Vec<Box<dyn Controller>>,
    ) -> Runner {
        let world = World::empty(store.clock().now(), settings);
        let mut runner = Runner {
            store,
            writer,
            controllers,
            world,
            seen: 0,
            queue: VecDeque::new(),
            queued: HashSet::new(),
            due: BTreeSet::new(),
            wakes: HashMap::new(),
            refusals: HashMap::new(),
        };
        runner.look_at_everything();
        runner
    }

    /// Works until the task is dropped.
    pub async fn run(mut self) {
        let mut changes = self.store.subscribe();
        loop {
            changes.mark_unchanged();
            let mut turns = 0;
            while self.turn() {
                turns += 1;
                if turns % TURNS_IN_A_ROW == 0 {
                    tokio::task::yield_now().await;
                }
            }
            let clock = self.store.clock().clone();
            match self.next_wake() {
                Some(moment) => tokio::select! {
                    changed = changes.changed() => if changed.is_err() { return },
                    () = clock.sleep_until(moment) => {}
                },
                None => {
                    if changes.changed().await.is_err() {
                        return;
                    }
                }
            }
        }
    }

    /// Does all that is to be done at this moment, at most so many calls; tells whether nothing was left.
    pub fn settle(&mut self, calls: usize) -> bool {
        (0..calls).any(|_| !self.turn())
    }

    /// When a controller wants to be called though nothing changes.
    pub fn next_wake(&self) -> Option<OffsetDateTime> {
        self.due.first().map(|(moment, _)| *moment)
    }

    /// Calls one controller for one key; false if there is nothing to do at this moment.
    fn turn(&mut self) -> bool {
        self.take_changes();
        self.world.now = self.store.clock().now();
        while let Some((moment, task)) = self.due.first().cloned()
            && moment <= self.world.now
        {
            self.due.remove(&(moment, task.clone()));
            self.wakes.remove(&task);
            self.enqueue(task);
        }
        let Some(task) = self.queue.pop_front() else {
            return false;
        };
        self.queued.remove(&task);
        self.work(&task);
        true
    }

    fn work(&mut self, task: &Task) {
        let (index, key) = task;
        let Some(controller) = self.controllers.get(*index) else {
            return;
        };
        let plan = controller.reconcile(&self.world, key);
        let mut refused = false;
        for write in &plan.writes {
            let answer = self.writer.write(write);
            if let Err(refusal) = &answer {
                tracing::debug!(%refusal, resource = %write.key.resource, name = %write.key.name, "refused");
            }
            for follow_up in controller.answered(&self.world, key, write, &answer) {
                // What follows is for people to read (events) or comes again with the next call.
                let _ = self.writer.write(&follow_up);
            }
            refused = answer.is_err_and(|refusal| !refusal.namespace_ends && refusal.code != 404);
            if refused {
                break;
            }
        }
        let backoff = refused.then(|| self.backoff(task));
        let wake = backoff.into_iter().chain(plan.again).min();
        if !refused {
            self.refusals.remove(task);
        }
        self.wake(task, wake);
    }

    fn backoff(&mut self, task: &Task) -> OffsetDateTime {
        let refusals = self.refusals.entry(task.clone()).or_default();
        let delay = FIRST_BACKOFF.saturating_mul(2_u32.saturating_pow(*refusals));
        *refusals = refusals.saturating_add(1);
        self.world.now + delay.min(LONGEST_BACKOFF)
    }

    fn wake(&mut self, task: &Task, moment: Option<OffsetDateTime>) {
        if let Some(before) = self.wakes.remove(task) {
            self.due.remove(&(before, task.clone()));
        }
        if let Some(moment) = moment {
            self.wakes.insert(task.clone(), moment);
            self.due.insert((moment, task.clone()));
        }
    }

    fn enqueue(&mut self, task: Task) {
        if self.queued.insert(task.clone()) {
            self.queue.push_back(task);
        }
    }

    fn take_changes(&mut self) {
        if self.store.revision() == self.seen {
            return;
        }
        let Ok(changes) = self.store.changes(self.seen) else {
            self.look_at_everything();
            return;
        };
        for record in &changes {
            self.take(&record.change());
            self.seen = self.seen.max(record.revision);
        }
    }

    fn take(&mut self, change: &Change) {
        self.world.apply(change);
        for index in 0..self.controllers.len() {
            for key in self.controllers[index].concerns(&self.world, change) {
                self.enqueue((index, key));
            }
        }
    }

    /// Starts anew from what the store holds: at first, and when its history does not reach back far enough.
    fn look_at_everything(&mut self) {
        let revision = self.store.revision();
        self.world = World::empty(self.store.clock().now(), self.world.settings.clone());
        self.due.clear();
        self.wakes.clear();
        self.refusals.clear();
        let mut found = Vec::new();
        let mut collect = |space: &str| {
            for resource in self.store.resources_in(space) {
                let objects = self.store.list_kept(&resource, Some(space)).0;
                found.extend(objects.into_iter().map(|((namespace, name), kept)| {
                    (Key::new(&resource, &namespace, &name), kept)
                }));
            }
        };
        collect("");
        for space in self.store.list(&NAMESPACE.resource, None).0 {
            collect(object::name(&space));
        }
        for (key, kept) in found {
            self.take(&Change::found(key, &kept));
        }
        self.seen = revision;
    }
}

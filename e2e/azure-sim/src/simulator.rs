//! The whole: what it remembers, and how a request goes through it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;
use time::OffsetDateTime;
use tokio::sync::watch;

use crate::authority::Authority;
use crate::clock::Clock;
use crate::entra::Keys;
use crate::faults::{BadRule, Fault, Faults, Outcome, Rule};
use crate::http::{Answer, Refusal, Request};
use crate::nodes::PoolView;
use crate::operation::Ending;
use crate::settings::Settings;
use crate::store::World;
use crate::throttle::Buckets;
use crate::{arm, control, entra, graph};

/// A simulated Azure. Clones share it.
#[derive(Clone)]
pub struct Simulator(Arc<Inner>);

struct Inner {
    core: Mutex<Core>,
    clock: Arc<dyn Clock>,
    keys: Keys,
    authority: Authority,
    base: String,
    pools: watch::Sender<Vec<PoolView>>,
    changed: watch::Sender<()>,
}

struct Core {
    world: World,
    settings: Settings,
    faults: Faults,
    buckets: Buckets,
    requests: Vec<Seen>,
}

/// A request that came, and how it was answered.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Seen {
    /// Its method.
    pub method: String,
    /// Its path and query.
    pub target: String,
    /// The status it was answered with; 0 when its connection was cut.
    pub status: u16,
}

/// What a request's handler works with.
pub(crate) struct Context<'a> {
    pub world: &'a mut World,
    pub settings: &'a Settings,
    pub request: &'a Request,
    pub now: OffsetDateTime,
    pub base: &'a str,
    pub keys: &'a Keys,
    pub authority: &'a Authority,
    /// How an operation that this request starts will end.
    pub ending: Ending,
    pub stepped: bool,
}

/// What a handler says.
pub(crate) type Handled = Result<Answer, Refusal>;

impl Simulator {
    /// A simulated Azure that clients reach at `base`, such as `https://localhost:8443`.
    pub fn new(
        world: World,
        settings: Settings,
        clock: Arc<dyn Clock>,
        authority: Authority,
        base: String,
    ) -> Result<Simulator, entra::KeyError> {
        let simulator = Simulator(Arc::new(Inner {
            core: Mutex::new(Core {
                world,
                settings,
                faults: Faults::default(),
                buckets: Buckets::default(),
                requests: Vec::new(),
            }),
            clock,
            keys: Keys::new()?,
            authority,
            base,
            pools: watch::Sender::new(Vec::new()),
            changed: watch::Sender::new(()),
        }));
        simulator.publish(&simulator.core());
        Ok(simulator)
    }

    /// Where clients reach it.
    pub fn base(&self) -> &str {
        &self.0.base
    }

    /// Whom clients have to trust.
    pub fn authority(&self) -> &Authority {
        &self.0.authority
    }

    /// The node pools as they really are, now and after each change.
    pub fn pools(&self) -> watch::Receiver<Vec<PoolView>> {
        self.0.pools.subscribe()
    }

    /// Adds a fault.
    pub fn fault(&self, rule: Rule) -> Result<(), BadRule> {
        self.core().faults.add(rule)
    }

    /// Forgets all faults.
    pub fn clear_faults(&self) {
        self.core().faults.clear();
    }

    /// All requests so far.
    pub fn requests(&self) -> Vec<Seen> {
        self.core().requests.clone()
    }

    /// Lets time pass; false where the clock runs by itself.
    pub fn step(&self, by: Duration) -> bool {
        let stepped = self.0.clock.step(by);
        self.edit(|_, _| {});
        stepped
    }

    /// Changes what is there behind the API's back, as an autoscaler or a colleague would.
    pub fn edit<T>(&self, change: impl FnOnce(&mut World, OffsetDateTime) -> T) -> T {
        let mut core = self.core();
        let now = self.0.clock.now();
        core.world.settle(now);
        let result = change(&mut core.world, now);
        self.publish(&core);
        result
    }

    /// Looks at what is there: operations for a timeline, [`World::next_end`] for how far to step.
    pub fn look<T>(&self, look: impl FnOnce(&World, OffsetDateTime) -> T) -> T {
        look(&self.core().world, self.0.clock.now())
    }

    /// Everything that is there, as JSON.
    pub fn save(&self) -> Value {
        serde_json::to_value(&self.core().world).unwrap_or_default()
    }

    /// Puts back what was saved.
    pub fn load(&self, saved: Value) -> Result<(), serde_json::Error> {
        let world = serde_json::from_value(saved)?;
        self.edit(|current, _| *current = world);
        Ok(())
    }

    /// A token of the directory for an object, as its sign-in would get it; for audiences such as the AKS server application.
    pub fn token(&self, object: &str, audience: &str) -> String {
        let core = self.core();
        let lifetime = core.settings.token;
        entra::access_token(
            &core.world.directory,
            &self.0.keys,
            &self.0.base,
            object,
            audience,
            OffsetDateTime::now_utc(),
            lifetime,
        )
    }

    /// What `az account get-access-token -o json --scope …` prints for an object: for a stand-in of the CLI.
    pub fn cli_token(&self, object: &str, scope: &str) -> Value {
        let audience = scope.trim_end_matches("/.default");
        let (lifetime, tenant, subscription) = {
            let core = self.core();
            let subscription = core.world.subscriptions.keys().next().cloned();
            (
                core.settings.token,
                core.world.directory.tenant.clone(),
                subscription,
            )
        };
        let expires = OffsetDateTime::now_utc() + Settings::seconds(lifetime);
        serde_json::json!({
            "accessToken": self.token(object, audience),
            "expiresOn": crate::clock::text(expires).replace('T', " ").trim_end_matches('Z'),
            "expires_on": expires.unix_timestamp(),
            "subscription": subscription,
            "tenant": tenant,
            "tokenType": "Bearer",
        })
    }

    /// A token of another issuer (a cluster, GitHub) that federated credentials without keys accept.
    pub fn assertion(&self, issuer: &str, subject: &str, audience: &str) -> String {
        entra::foreign_token(
            &self.0.keys,
            issuer,
            subject,
            audience,
            OffsetDateTime::now_utc(),
        )
    }

    /// Ends operations when their time comes, so that [`Simulator::pools`] follows without a request. Runs until it is dropped.
    pub async fn run(self) {
        let mut changed = self.0.changed.subscribe();
        loop {
            let next = self.core().world.next_end();
            let due = async {
                match next {
                    Some(moment) => self.0.clock.sleep_until(moment).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = due => self.edit(|_, _| {}),
                result = changed.changed() => if result.is_err() { return },
            }
        }
    }

    /// What becomes of a request.
    pub fn answer(&self, request: &Request) -> Outcome {
        let mut core = self.core();
        let fault = core.faults.for_request(request);
        let outcome = self.faulty(&mut core, request, fault);
        let status = match &outcome {
            Outcome::Answer(answer) | Outcome::Late(answer, _) => answer.status,
            Outcome::Cut => 0,
        };
        tracing::info!(method = %request.method, target = request.target, status, "request");
        core.requests.push(Seen {
            method: request.method.to_string(),
            target: request.target.clone(),
            status,
        });
        self.publish(&core);
        self.0.changed.send_replace(());
        outcome
    }

    fn faulty(&self, core: &mut Core, request: &Request, fault: Option<Fault>) -> Outcome {
        match fault {
            None => Outcome::Answer(self.handled(core, request, Ending::Succeeded)),
            Some(Fault::Cut) => Outcome::Cut,
            Some(Fault::CutReply) => {
                self.handled(core, request, Ending::Succeeded);
                Outcome::Cut
            }
            Some(Fault::Delay(milliseconds)) => {
                let answer = self.handled(core, request, Ending::Succeeded);
                Outcome::Late(answer, Duration::from_millis(milliseconds))
            }
            Some(Fault::Operation(ending)) => Outcome::Answer(self.handled(core, request, ending)),
            Some(Fault::Touch) => {
                arm::etag::touch(&mut core.world, request);
                Outcome::Answer(self.handled(core, request, Ending::Succeeded))
            }
            Some(Fault::Answer {
                status,
                code,
                message,
                retry_after,
                flat,
            }) => {
                let oauth = request.segments.iter().any(|part| part == "oauth2");
                let mut answer: Answer = match (oauth, flat) {
                    (true, _) => entra::error(status, &code, &message),
                    (_, true) => arm::error::flat(status, &code, &message, ""),
                    _ => arm::error::resource(status, &code, &message),
                }
                .into();
                if let Some(seconds) = retry_after {
                    answer = answer.with("retry-after", seconds.to_string());
                }
                Outcome::Answer(marked(core, request, answer))
            }
        }
    }

    fn handled(&self, core: &mut Core, request: &Request, ending: Ending) -> Answer {
        let now = self.0.clock.now();
        core.world.settle(now);
        let mut parts = control::Parts {
            world: &mut core.world,
            settings: &mut core.settings,
            faults: &mut core.faults,
            requests: &core.requests,
        };
        if let Some(answer) = control::route(&mut parts, |by| self.0.clock.step(by), request) {
            core.world.settle(self.0.clock.now());
            return answer;
        }
        let remaining = match core
            .settings
            .throttle
            .then(|| core.buckets.take(request, now, self.0.clock.is_stepped()))
            .transpose()
        {
            Ok(remaining) => remaining.flatten(),
            Err(refusal) => return marked(core, request, refusal.into()),
        };
        let mut context = Context {
            world: &mut core.world,
            settings: &core.settings,
            request,
            now,
            base: &self.0.base,
            keys: &self.0.keys,
            authority: &self.0.authority,
            ending,
            stepped: self.0.clock.is_stepped(),
        };
        let mut answer = route(&mut context).unwrap_or_else(Answer::from);
        if let Some(left) = remaining {
            answer = answer.with(left.0, left.1.to_string());
        }
        marked(core, request, answer)
    }

    fn core(&self) -> MutexGuard<'_, Core> {
        self.0.core.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn publish(&self, core: &Core) {
        let now = PoolView::all(&core.world);
        self.0.pools.send_if_modified(|before| {
            let different = *before != now;
            *before = now;
            different
        });
    }
}

fn route(context: &mut Context<'_>) -> Handled {
    let path = context.request.lower();
    match path.first().map(String::as_str) {
        Some("subscriptions" | "tenants" | "providers") => arm::route(context),
        Some("v1.0") => graph::route(context),
        _ => entra::route(context),
    }
}

/// Adds the ids by which support finds a request (Resource Manager RPC, "Common API details", response headers).
fn marked(core: &mut Core, request: &Request, answer: Answer) -> Answer {
    let id = core.world.guids.take();
    let correlation = request
        .header("x-ms-correlation-request-id")
        .unwrap_or(&id)
        .to_owned();
    let mut answer = answer
        .with("x-ms-request-id", id)
        .with("x-ms-correlation-request-id", correlation);
    if let Some(client) = request.header("x-ms-client-request-id") {
        answer = answer.with("x-ms-client-request-id", client);
    }
    answer
}

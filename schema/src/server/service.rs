//! The provider service: what all calls have in common.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use futures::FutureExt;
use seedling_proto::tfplugin6 as pb;
use tonic::{Request, Response, Status};
use tracing::Instrument;
use tracing::field::Empty;

use super::connection::Configured;
use super::logging::panic_message;
use super::registry::Registry;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::resource::Provider;
use crate::stop::{Stop, StopSource};
use crate::wire;

/// A provider behind the protocol.
pub(super) struct Service<P: Provider> {
    /// The provider.
    pub provider: P,
    registry: OnceLock<Registry<P::Client>>,
    /// Tells running calls that the user wants to stop.
    pub stop: StopSource,
    calls: AtomicU64,
}

impl<P: Provider> Service<P> {
    /// Serves a provider. Asks it nothing yet: a process is started several times for a command,
    /// and most need only a part of it.
    pub(super) fn new(provider: P) -> Self {
        Self {
            provider,
            registry: OnceLock::new(),
            stop: StopSource::default(),
            calls: AtomicU64::new(0),
        }
    }

    /// What the provider offers.
    pub(super) fn registry(&self) -> &Registry<P::Client> {
        self.registry.get_or_init(|| Registry::new(&self.provider))
    }
}

/// The service as the generated server wants it.
pub(super) struct Server<P: Provider>(pub Arc<Service<P>>);

/// One call: what it may need besides its message.
pub(super) struct Call<P: Provider> {
    /// The service.
    pub service: Arc<Service<P>>,
    /// Where the connection's client is kept.
    pub configured: Configured<P::Client>,
    /// Fires when the user wants to stop.
    pub stop: Stop,
}

impl<P: Provider> Call<P> {
    /// The client, or the error for operations that cannot do without.
    pub(super) fn client(&self) -> Result<Arc<P::Client>, Diagnostic> {
        self.configured.get().ok_or_else(|| {
            Diagnostic::error(
                "The provider's connection is not known yet",
                "The provider block uses values that are known only after apply, so the provider cannot connect \
                 yet.\n\nAdd `depends_on` with whatever makes those values to this block, or create it first \
                 with a run of its own (`-target`).",
            )
        })
    }
}

impl<P: Provider> Server<P> {
    /// Runs one call: logs it, and turns panics and early errors into diagnostics of its reply.
    pub(super) async fn run<Req, Rep, F>(
        &self,
        rpc: &'static str,
        request: Request<Req>,
        handler: impl FnOnce(Call<P>, Req) -> F,
    ) -> Result<Response<Rep>, Status>
    where
        Rep: Reply,
        F: Future<Output = Result<Rep, Diagnostics>>,
    {
        let number = self.0.calls.fetch_add(1, Ordering::Relaxed);
        let span = tracing::info_span!(
            "call",
            tf_rpc = rpc,
            tf_req_id = number,
            tf_resource_type = Empty
        );
        let configured = request
            .extensions()
            .get()
            .cloned()
            .unwrap_or_else(Configured::nothing);
        let call = Call {
            service: self.0.clone(),
            configured,
            stop: self.0.stop.handle(),
        };
        let started = Instant::now();
        let work = async {
            tracing::trace!("call received");
            // The handler itself runs inside as well, should it fail before its first wait.
            let outcome = AssertUnwindSafe(async { handler(call, request.into_inner()).await })
                .catch_unwind()
                .await;
            let milliseconds = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
            tracing::debug!(tf_req_duration_ms = milliseconds, "call answered");
            outcome
        };
        let reply = match work.instrument(span).await {
            Ok(Ok(reply)) => reply,
            Ok(Err(diagnostics)) => Rep::failed(diagnostics),
            Err(panic) => Rep::failed(crashed(rpc, &panic_message(&*panic)).into()),
        };
        Ok(Response::new(reply))
    }
}

fn crashed(rpc: &str, message: &str) -> Diagnostic {
    Diagnostic::error(
        "The provider crashed",
        format!(
            "While it answered {rpc}: {message}.\n\nThis is a bug in the provider, not in your configuration. \
             Please report it with this message and, if you can, the log (TF_LOG_PROVIDER=debug)."
        ),
    )
}

/// A reply that can say that the call failed.
pub(super) trait Reply {
    /// A reply with nothing but these messages.
    fn failed(diagnostics: Diagnostics) -> Self;
}

macro_rules! reply_with_diagnostics {
    ($($message:ident)*) => {
        $(impl Reply for pb::$message::Response {
            #[allow(clippy::needless_update, reason = "some replies have nothing but diagnostics")]
            fn failed(diagnostics: Diagnostics) -> Self {
                Self { diagnostics: wire::diagnostics(diagnostics), ..Self::default() }
            }
        })*
    };
}

reply_with_diagnostics! {
    get_metadata get_provider_schema validate_provider_config validate_resource_config
    validate_data_resource_config validate_ephemeral_resource_config upgrade_resource_state
    get_resource_identity_schemas upgrade_resource_identity configure_provider read_resource
    plan_resource_change apply_resource_change import_resource_state move_resource_state read_data_source
    open_ephemeral_resource renew_ephemeral_resource close_ephemeral_resource get_functions
}

impl Reply for pb::call_function::Response {
    fn failed(diagnostics: Diagnostics) -> Self {
        let texts: Vec<_> = diagnostics
            .iter()
            .map(|diagnostic| format!("{}. {}", diagnostic.summary, diagnostic.detail))
            .collect();
        Self {
            result: None,
            error: Some(pb::FunctionError {
                text: texts.join("\n"),
                function_argument: None,
            }),
        }
    }
}

impl Reply for pb::stop_provider::Response {
    fn failed(diagnostics: Diagnostics) -> Self {
        let summaries: Vec<_> = diagnostics
            .iter()
            .map(|diagnostic| diagnostic.summary.as_str())
            .collect();
        Self {
            error: summaries.join("; "),
        }
    }
}

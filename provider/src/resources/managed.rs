//! What a resource of ours implements: the verbs, each of which may simply fail.
//!
//! How a failed verb answers core is the same for all of them and stands here, once: a failed
//! create leaves no state, a failed update or delete keeps the prior one.

use async_trait::async_trait;
use seedling_schema::{
    ApplyReply, ApplyRequest, Diagnostic, Diagnostics, Identity, ImportReply, ImportRequest,
    MoveSource, Plan, ReadReply, ReadRequest, Resource, Schema, Value,
};

use crate::session::Session;

/// A resource whose verbs may fail with a diagnostic.
#[async_trait]
pub trait Managed: Send + Sync {
    /// Terraform's type: `seedling_service`.
    fn type_name(&self) -> &'static str;

    /// Arguments and computed attributes.
    fn schema(&self) -> Schema;

    /// What names one, whatever its state.
    fn identity(&self) -> Identity;

    /// Checks that need nothing but the configuration.
    fn validate(&self, config: &Value) -> Result<Diagnostics, Diagnostic>;

    /// Pure adjustments of the planned state.
    fn modify_plan(&self, _plan: &mut Plan) -> Diagnostics {
        Diagnostics::default()
    }

    /// What the cluster has to say to a plan; may mark computed attributes as unknown.
    async fn check_plan(
        &self,
        session: &Session,
        plan: &mut Plan,
    ) -> Result<Diagnostics, Diagnostic>;

    /// Makes it, or takes up what an earlier create began.
    async fn create(
        &self,
        session: &Session,
        request: &ApplyRequest,
    ) -> Result<ApplyReply, Diagnostic>;

    /// Reads what exists.
    async fn read(&self, session: &Session, request: &ReadRequest)
    -> Result<ReadReply, Diagnostic>;

    /// Changes it.
    async fn update(
        &self,
        session: &Session,
        request: &ApplyRequest,
    ) -> Result<ApplyReply, Diagnostic>;

    /// Removes it; gives what people should know.
    async fn delete(
        &self,
        session: &Session,
        request: &ApplyRequest,
    ) -> Result<Diagnostics, Diagnostic>;

    /// Takes over something that exists.
    async fn import(
        &self,
        session: &Session,
        request: &ImportRequest,
    ) -> Result<ImportReply, Diagnostic>;

    /// Takes over the state of another provider's resource.
    fn move_from(
        &self,
        _source: &MoveSource,
    ) -> Option<Result<(Value, Option<Value>), Diagnostic>> {
        None
    }
}

/// Gives core its answers for a [`Managed`] resource.
pub struct Answering<R>(pub R);

#[async_trait]
impl<R: Managed> Resource<Session> for Answering<R> {
    fn type_name(&self) -> &'static str {
        self.0.type_name()
    }

    fn schema(&self) -> Schema {
        self.0.schema()
    }

    fn identity(&self) -> Option<Identity> {
        Some(self.0.identity())
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        self.0.validate(config).unwrap_or_else(Diagnostics::from)
    }

    fn modify_plan(&self, plan: &mut Plan) -> Diagnostics {
        self.0.modify_plan(plan)
    }

    async fn check_plan(&self, session: &Session, plan: &mut Plan) -> Diagnostics {
        let found = self.0.check_plan(session, plan).await;
        found.unwrap_or_else(Diagnostics::from)
    }

    /// A create that failed leaves the error and no state, so that nothing is ever tainted. What
    /// it made carries the unfinished mark, and the next apply goes on from there.
    async fn create(&self, session: &Session, request: ApplyRequest) -> ApplyReply {
        let made = self.0.create(session, &request).await;
        made.unwrap_or_else(|mut error| {
            error.detail.push_str("\n\nWhat was made so far stays, marked as unfinished: mend the cause and apply again to go on from there.");
            ApplyReply { diagnostics: error.into(), ..ApplyReply::default() }
        })
    }

    /// Only a proven 404 removes a state; any failure keeps it.
    async fn read(&self, session: &Session, request: ReadRequest) -> ReadReply {
        let read = self.0.read(session, &request).await;
        read.unwrap_or_else(|error| ReadReply {
            state: Some(request.state),
            private: request.private,
            identity: request.identity,
            diagnostics: error.into(),
        })
    }

    async fn update(&self, session: &Session, request: ApplyRequest) -> ApplyReply {
        let changed = self.0.update(session, &request).await;
        changed.unwrap_or_else(|error| unchanged(request, error))
    }

    async fn delete(&self, session: &Session, request: ApplyRequest) -> ApplyReply {
        match self.0.delete(session, &request).await {
            Ok(diagnostics) => ApplyReply {
                diagnostics,
                ..ApplyReply::default()
            },
            Err(error) => unchanged(request, error),
        }
    }

    async fn import(&self, session: &Session, request: ImportRequest) -> ImportReply {
        let imported = self.0.import(session, &request).await;
        imported.unwrap_or_else(|error| ImportReply {
            diagnostics: error.into(),
            ..ImportReply::default()
        })
    }

    fn move_from(&self, source: MoveSource) -> Option<Result<(Value, Option<Value>), Diagnostic>> {
        self.0.move_from(&source)
    }
}

/// The prior state stays, with the error.
fn unchanged(request: ApplyRequest, error: Diagnostic) -> ApplyReply {
    ApplyReply {
        state: Some(request.prior),
        private: request.private,
        identity: None,
        diagnostics: error.into(),
    }
}

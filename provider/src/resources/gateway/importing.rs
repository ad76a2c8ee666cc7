//! Import of a Gateway, ours or another tool's.

use seedling_model::gateway::{self, LiveObjects};
use seedling_schema::{Diagnostic, ImportReply, ImportRequest, Private};

use super::Gateway;
use crate::resources::managed::Managed as _;
use crate::{
    kubernetes::kinds,
    resources::support::{arguments::state_of, guessed, identity_of, import_id},
    session::Session,
};

/// Reads the Gateway of this id or identity.
pub async fn import(session: &Session, request: &ImportRequest) -> Result<ImportReply, Diagnostic> {
    let parts = import_id(
        request,
        &["environment", "name"],
        "`environment/name`, such as `prod/public`",
    )?;
    let (environment, name) = (parts[0].as_str(), parts[1].as_str());
    let title = format!("gateway {environment}/{name}");
    let live = session
        .cluster()
        .await?
        .get(kinds::GATEWAY, Some(environment), name)
        .await
        .map_err(|failure| failure.diagnostic(&format!("read {title}")))?;
    let Some(live) = live else {
        return Err(Diagnostic::error(
            format!("There is no {title}"),
            format!(
                "Namespace {environment} has no Gateway {name}. Check the import id and the provider's `cluster` block."
            ),
        ));
    };
    let (args, guesses) = gateway::from_live(LiveObjects { gateway: &live });
    Ok(ImportReply {
        state: Some(state_of(&args, &Gateway.schema())?),
        private: Private::default(),
        identity: Some(identity_of(&[("environment", environment), ("name", name)])),
        diagnostics: guessed(&title, &guesses),
    })
}

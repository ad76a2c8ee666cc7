//! Refresh of the Gateway: its address, and what others changed.

use seedling_model::{gateway::Args, labels};
use seedling_schema::{Diagnostic, Diagnostics, ReadReply, ReadRequest, Value};

use super::{bundle, place};
use crate::{
    kubernetes::{Failure, kinds},
    resources::support::{address, arguments::arguments, drift_list, identity_of, notes},
    session::{Home, Session},
};

/// Reads what exists.
pub async fn read(session: &Session, request: &ReadRequest) -> Result<ReadReply, Diagnostic> {
    let args: Args = arguments(&request.state)?;
    let (environment, name) = place(&args);
    let mut private = request.private.clone();
    if session.home(environment, &private).await? == Home::Forgotten {
        return Ok(ReadReply::default());
    }
    let cluster = session.cluster().await?;
    let reading =
        |failure: Failure| failure.diagnostic(&format!("read gateway {environment}/{name}"));
    let live = cluster
        .read(kinds::GATEWAY, Some(environment), name)
        .await
        .map_err(reading)?;
    let Some(live) = live else {
        return Ok(ReadReply::default());
    };
    if notes::created(&private).is_none() {
        let created = live.annotation(labels::CREATED).unwrap_or_default();
        notes::set_created(&mut private, created);
    }
    let wanted = bundle(session, &args).created_at(notes::created(&private).unwrap_or_default());
    let differences = wanted.drift(cluster).await.map_err(reading)?;
    let mut state = request.state.clone();
    state.set("drift", Value::from(drift_list(differences)));
    state.set("address", address::value(Some(&live)));
    session
        .remember_home(environment, &mut private)
        .await
        .map_err(reading)?;
    Ok(ReadReply {
        identity: Some(identity_of(&[("environment", environment), ("name", name)])),
        state: Some(state),
        private,
        diagnostics: Diagnostics::default(),
    })
}

//! What helps to understand a broken run, kept before it is searched for secrets.

use super::Proof;
use super::cluster::events;
use crate::progress::Progress as _;

/// Writes the cluster's events, and its programs' logs if a step broke. What cannot be had is told and changes
/// nothing about the run.
pub(super) async fn keep(proof: &Proof<'_>, broken: bool) {
    let mut problems = Vec::new();
    match events::text(&proof.client).await {
        Ok(text) => problems.extend(
            proof
                .artefacts
                .write("events.txt", text)
                .err()
                .map(|e| e.to_string()),
        ),
        Err(error) => problems.push(error.to_string()),
    }
    for (name, log) in proof.logs.iter().filter(|_| broken) {
        let copied = std::fs::read(log).map_err(|e| format!("{}: {e}", log.display()));
        let written = copied.and_then(|text| {
            proof
                .artefacts
                .write(&format!("cluster/{name}.log"), text)
                .map_err(|e| e.to_string())
        });
        problems.extend(written.err());
    }
    for problem in problems {
        proof
            .live
            .update(&format!("an artefact is missing: {problem}"));
    }
}

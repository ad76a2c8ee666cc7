//! Runs the steps one after the other and keeps the report.

use std::time::{Duration, Instant};

use super::requests::Requests;
use super::steps::{self, Outcome, Step};
use super::{Proof, ProofError, evidence};
use crate::report::{Counts, Report, StepRecord, Verdict};

/// What a command may take to end after its deadline, and what is looked at afterwards.
const GRACE: Duration = Duration::from_mins(2);

/// Runs the whole proof, or (with `only`) the steps of those names and those they stand on.
///
/// A broken step does not end the run, except where the rest would prove nothing: then the others are shown as not
/// run. A Ctrl-C ends it after the running command.
pub async fn run(
    proof: &mut Proof<'_>,
    only: &[String],
    backend: &str,
) -> Result<Report, ProofError> {
    let mut report = Report {
        configurations: proof
            .roots
            .iter()
            .map(|r| r.configuration.folder.display().to_string())
            .collect(),
        cli: proof.session.cli().to_string(),
        backend: backend.to_owned(),
        steps: Vec::new(),
    };
    let mut requests = Requests::new(proof.cluster.audit_log());
    for step in steps::all(proof, only) {
        if step.key() == steps::LAST {
            evidence::keep(proof, report.count(Verdict::Broken) > 0).await;
        }
        let name = step.name(proof);
        proof.live.begin(&name);
        let start = Instant::now();
        let result = match &proof.blocked {
            Some(reason) if !step.runs_always() => Ok(Outcome::NotRun(reason.clone())),
            _ => within_deadline(step.as_ref(), proof, start).await,
        };
        if let Err(error) = &result {
            if error.is_interrupt() {
                proof.blocked = Some("interrupted".to_owned());
            } else if step.carries_the_rest() {
                proof.blocked = Some(format!("{name} did not hold"));
            }
        }
        let record = record(name, result, start, requests.since());
        proof.live.end(&record);
        report.steps.push(record);
        if proof.session.interrupt().is_pressed() {
            break;
        }
    }
    proof.artefacts.write_report(&report)?;
    Ok(report)
}

/// Commands keep the deadline themselves and end properly; whatever else hangs is ended a little later.
async fn within_deadline(
    step: &dyn Step,
    proof: &mut Proof<'_>,
    start: Instant,
) -> Result<Outcome, ProofError> {
    let deadline = step.deadline();
    let result = tokio::time::timeout(deadline + GRACE, step.run(proof, start + deadline)).await;
    result.unwrap_or_else(|_| {
        Err(ProofError::broken(format!(
            "did not end within {}s",
            deadline.as_secs()
        )))
    })
}

fn record(
    name: String,
    result: Result<Outcome, ProofError>,
    start: Instant,
    requests: Counts,
) -> StepRecord {
    let (verdict, text, notes, hint) = match result {
        Ok(Outcome::Held { compared, notes }) => (Verdict::Held, compared, notes, None),
        Ok(Outcome::NotRun(reason)) => (Verdict::NotRun, reason, Vec::new(), None),
        Err(error) => (Verdict::Broken, error.to_string(), Vec::new(), error.hint()),
    };
    StepRecord {
        name,
        verdict,
        text,
        notes,
        hint,
        took: start.elapsed(),
        requests,
    }
}

/// Whether a step is to be run.
pub(super) fn selected(step: &dyn Step, only: &[String]) -> bool {
    only.is_empty() || step.is_foundation() || only.iter().any(|name| name == step.key())
}

//! What happens when a configuration changes into another one, on a cluster made for it.

use std::path::{Path, PathBuf};

use seedling_e2e::driver::Interrupt;
use seedling_e2e::proof::requests::REFUSED;
use seedling_e2e::proof::{Request, launch};
use seedling_e2e::report::{Counts, Live, StepRecord, Verdict};
use seedling_review::Proved;

use crate::commands::On;
use crate::failure::Failure;

/// The step that applies the old configuration and then the new one under a count of available pods.
const STEP: &str = "rolling";

/// Applies `base`, then `head`, and tells what was seen.
pub async fn prove(
    base: &Path,
    head: &Path,
    variables: &[(String, String)],
    cli: Option<PathBuf>,
    on: On,
) -> Result<Proved, Failure> {
    let interrupt = Interrupt::listen()?;
    let live = Live::new();
    let request = Request {
        roots: vec![head.to_owned()],
        old: vec![base.to_owned()],
        variables: variables.iter().cloned().collect(),
        cli,
        only: vec![STEP.to_owned()],
        ..Request::default()
    };
    let launched = launch(&request, &*on.backend(), &live, &interrupt).await;
    live.finish();
    let launched = launched?;
    if interrupt.is_pressed() {
        return Err(Failure::interrupted());
    }
    let steps = &launched.report.steps;
    // A step before it can break, and then this one does not run.
    let told = steps
        .iter()
        .find(|step| step.verdict == Verdict::Broken)
        .or(steps.iter().rfind(|step| step.name.starts_with(STEP)));
    Ok(told.map_or_else(|| nothing(head), |step| proved(head, step)))
}

fn proved(head: &Path, step: &StepRecord) -> Proved {
    let mut notes = step.notes.clone();
    if step.name.starts_with(STEP) {
        notes.push(refused(&step.requests));
    }
    Proved {
        configuration: head.display().to_string(),
        held: step.verdict == Verdict::Held,
        sentence: step.text.clone(),
        notes,
        seconds: step.took.as_secs(),
    }
}

/// What the API server refused of the provider's requests. Where requests are not counted, that is said.
fn refused(requests: &Counts) -> String {
    let refused: Vec<String> = requests
        .iter()
        .filter(|(label, _)| label.contains(REFUSED))
        .map(|(label, count)| format!("{count} × {label}"))
        .collect();
    let all: u64 = requests.values().sum();
    match (all, refused.is_empty()) {
        (0, _) => "the provider's requests are not counted on this backend".to_owned(),
        (all, true) => format!("the API server refused none of the provider's {all} requests"),
        (all, false) => format!(
            "of the provider's {all} requests the API server refused: {}",
            refused.join(", ")
        ),
    }
}

fn nothing(head: &Path) -> Proved {
    Proved {
        configuration: head.display().to_string(),
        held: false,
        sentence: "nothing was run".into(),
        notes: Vec::new(),
        seconds: 0,
    }
}

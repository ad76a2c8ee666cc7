//! Shows the steps as they happen: a spinner on a terminal, plain lines elsewhere.

use std::io::{IsTerminal as _, Write as _};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::{StepRecord, shown};
use crate::progress::Progress;

/// Width of the column with the steps' names.
const NAME_WIDTH: usize = 22;

/// The terminal, or what stands in its place. Writes to the standard error stream only.
pub struct Live {
    spinner: Option<ProgressBar>,
    step: Mutex<String>,
}

impl Live {
    /// A spinner if the standard error stream is a terminal, else plain lines.
    pub fn new() -> Self {
        let spinner = std::io::stderr()
            .is_terminal()
            .then(ProgressBar::new_spinner);
        if let Some(spinner) = &spinner {
            // The template is constant; indicatif's own style remains if it were wrong.
            if let Ok(style) = ProgressStyle::with_template("{spinner} {wide_msg} {elapsed}") {
                spinner.set_style(style);
            }
        }
        Self {
            spinner,
            step: Mutex::new(String::new()),
        }
    }

    /// A step begins.
    pub fn begin(&self, name: &str) {
        name.clone_into(&mut self.step.lock().unwrap_or_else(PoisonError::into_inner));
        if let Some(spinner) = &self.spinner {
            spinner.reset_elapsed();
            spinner.set_message(name.to_owned());
            spinner.enable_steady_tick(Duration::from_millis(100));
        }
    }

    /// A step has ended.
    pub fn end(&self, step: &StepRecord) {
        self.line(&headline(step));
        for note in &step.notes {
            self.line(&indented(note));
        }
        if let Some(hint) = &step.hint {
            self.line(&indented(&format!("hint: {hint}")));
        }
    }

    /// Writes a line of its own.
    pub fn line(&self, text: &str) {
        let write = || {
            // Nobody to tell is no reason to stop working.
            let _ = writeln!(std::io::stderr().lock(), "{text}");
        };
        match &self.spinner {
            Some(spinner) => spinner.suspend(write),
            None => write(),
        }
    }

    /// Takes the spinner away.
    pub fn finish(&self) {
        if let Some(spinner) = &self.spinner {
            spinner.finish_and_clear();
        }
    }
}

impl Default for Live {
    fn default() -> Self {
        Self::new()
    }
}

impl Progress for Live {
    fn update(&self, text: &str) {
        match &self.spinner {
            Some(spinner) => {
                let step = self.step.lock().unwrap_or_else(PoisonError::into_inner);
                spinner.set_message(format!("{step}: {text}"));
            }
            // Without a terminal the words in between would fill logs; what takes minutes repeats itself with counts.
            None => self.line(&indented(text)),
        }
    }
}

/// `✓ apply dev               12.3s  5 resources in the state`: further lines of the text are indented below.
fn headline(step: &StepRecord) -> String {
    let mut lines = step.text.lines();
    let first = lines.next().unwrap_or_default();
    let head = format!(
        "{} {:NAME_WIDTH$} {:>7}  {first}",
        step.verdict.sign(),
        step.name,
        shown(step.took)
    );
    lines.fold(head, |text, line| format!("{text}\n{}", indented(line)))
}

fn indented(text: &str) -> String {
    text.lines()
        .map(|line| format!("    {line}"))
        .collect::<Vec<_>>()
        .join("\n")
}

#[cfg(test)]
mod tests {
    use super::super::samples::report;

    #[test]
    fn a_step_is_one_line_and_its_details_are_indented() {
        let lines = super::headline(&report().steps[1]);
        assert_eq!(
            lines,
            "✗ drift                     1.5s  2 of 3 changed fields are not named | by any plan\n    second line"
        );
    }
}

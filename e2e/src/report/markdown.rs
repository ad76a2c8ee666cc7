//! The report for people: one page.

use std::fmt::Write as _;

use super::{Counts, Report, StepRecord, Verdict, shown};

/// A Markdown page: a summary, a table of the steps, and what the table has no room for.
pub fn render(report: &Report) -> String {
    let verdict = if report.held() {
        "Every step held"
    } else {
        "Not every step held"
    };
    let mut page = format!(
        "# {verdict}\n\n{}: {} on `{}`, {}\n\n| | Step | Time | What was compared |\n|---|---|---|---|\n",
        report.configurations.join(", "),
        report.summary(),
        report.backend,
        report.cli,
    );
    for step in &report.steps {
        // Writing to a String cannot fail.
        let _ = writeln!(
            page,
            "| {} | {} | {} | {} |",
            step.verdict.sign(),
            step.name,
            shown(step.took),
            cell(&step.text)
        );
    }
    for step in report.steps.iter().filter(|step| has_details(step)) {
        let _ = write!(page, "\n## {}\n\n", step.name);
        if step.verdict == Verdict::Broken {
            let _ = write!(page, "```text\n{}\n```\n\n", step.text);
        }
        for note in step.hint.iter().chain(&step.notes) {
            let _ = writeln!(page, "- {note}");
        }
    }
    let counted: Vec<&StepRecord> = report
        .steps
        .iter()
        .filter(|step| !step.requests.is_empty())
        .collect();
    if !counted.is_empty() {
        page.push_str(
            "\n## Requests of the provider\n\n| Step | Requests | Which |\n|---|---|---|\n",
        );
    }
    for step in counted {
        let total: u64 = step.requests.values().sum();
        let _ = writeln!(
            page,
            "| {} | {total} | {} |",
            step.name,
            most_first(&step.requests)
        );
    }
    page
}

fn most_first(requests: &Counts) -> String {
    let mut counts: Vec<(&String, &u64)> = requests.iter().collect();
    counts.sort_by_key(|(_, number)| std::cmp::Reverse(**number));
    let words = counts
        .iter()
        .map(|(what, number)| format!("{number} {what}"));
    words.collect::<Vec<_>>().join(", ")
}

fn has_details(step: &StepRecord) -> bool {
    step.verdict == Verdict::Broken || !step.notes.is_empty()
}

/// The first line, safe inside a table.
fn cell(text: &str) -> String {
    text.lines().next().unwrap_or_default().replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::super::samples::report;

    #[test]
    fn the_page_has_a_table_and_details() {
        let page = super::render(&report());
        assert!(page.starts_with("# Not every step held\n"), "{page}");
        assert!(
            page.contains(
                "| ✗ | drift | 1.5s | 2 of 3 changed fields are not named \\| by any plan |"
            ),
            "{page}"
        );
        assert!(
            page.contains("## drift")
                && page.contains("second line")
                && page.contains("- one note"),
            "{page}"
        );
        assert!(!page.contains("## rolling"), "{page}");
        assert!(
            page.contains("| apply | 7 | 5 patch services, 2 list pods |"),
            "{page}"
        );
    }
}

//! The report for continuous integration.

use quick_junit::{NonSuccessKind, Report as Junit, TestCase, TestCaseStatus, TestSuite};

use super::{Report, StepRecord, Verdict};

/// JUnit's XML: one suite, one case per step.
pub fn render(report: &Report) -> Result<String, quick_junit::SerializeError> {
    let mut suite = TestSuite::new(format!(
        "{} on {}",
        report.configurations.join(" "),
        report.backend
    ));
    suite.set_time(report.took());
    for step in &report.steps {
        suite.add_test_case(case(step));
    }
    let mut junit = Junit::new("seedling test");
    junit.add_test_suite(suite);
    junit.to_string()
}

fn case(step: &StepRecord) -> TestCase {
    let mut status = match step.verdict {
        Verdict::Held => TestCaseStatus::success(),
        Verdict::Broken => TestCaseStatus::non_success(NonSuccessKind::Failure),
        Verdict::NotRun => TestCaseStatus::skipped(),
    };
    if step.verdict != Verdict::Held {
        status.set_message(step.text.as_str());
    }
    let mut case = TestCase::new(step.name.as_str(), status);
    case.set_time(step.took).set_classname("seedling.proof");
    if step.verdict == Verdict::Held {
        case.set_system_out(
            [std::slice::from_ref(&step.text), &step.notes]
                .concat()
                .join("\n"),
        );
    }
    case
}

#[cfg(test)]
mod tests {
    use super::super::samples::report;

    #[test]
    fn each_verdict_has_its_element() {
        let xml = super::render(&report()).unwrap();
        assert!(
            xml.contains("tests=\"3\"") && xml.contains("failures=\"1\""),
            "{xml}"
        );
        assert!(
            xml.contains("<skipped") && xml.contains("<system-out>5 resources"),
            "{xml}"
        );
    }
}

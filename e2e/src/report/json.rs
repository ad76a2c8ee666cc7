//! The report for programs.

use super::Report;

/// One JSON object with the steps, whether all held, and the times in seconds.
pub fn render(report: &Report) -> serde_json::Value {
    let mut value = serde_json::json!(report);
    value["held"] = report.held().into();
    value
}

#[cfg(test)]
mod tests {
    use super::super::samples::report;

    #[test]
    fn verdicts_and_times_are_plain_json() {
        let json = super::render(&report());
        assert_eq!(json["held"], false);
        assert_eq!(json["steps"][1]["verdict"], "broken");
        assert_eq!(json["steps"][0]["seconds"].to_string(), "1.5");
    }
}

//! Checks of single arguments that several resources share. Each stays silent about what is absent or unknown.

use std::time::Duration;

use crate::{Arg, At, Report, duration, quantity::Quantity};

/// One of a few words.
pub(crate) fn choice(value: &Arg<String>, words: &[&str], at: &At, report: &mut Report) {
    let Some(value) = value.given() else { return };
    if !words.contains(&value.as_str()) {
        let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
        report.error(
            at,
            "Unknown value",
            format!("`{value}` is not known here. Use {}.", words.join(" or ")),
        );
    }
}

/// A name, judged by a function of [`crate::names`].
pub(crate) fn name(
    value: &Arg<String>,
    problem: impl Fn(&str) -> Option<String>,
    at: &At,
    report: &mut Report,
) {
    let Some(value) = value.given() else { return };
    if let Some(problem) = problem(value) {
        report.error(at, "Invalid name", format!("`{value}` {problem}."));
    }
}

/// The name of an environment.
pub(crate) fn environment(value: &Arg<String>, at: &At, report: &mut Report) {
    name(
        value,
        |name| crate::names::dns_label_problem(name, 63),
        at,
        report,
    );
}

/// A duration above zero, given back where it is fine.
pub(crate) fn positive_duration(
    value: &Arg<String>,
    at: &At,
    report: &mut Report,
) -> Option<Duration> {
    let duration = any_duration(value, at, report)?;
    if duration.is_zero() {
        report.error(
            at,
            "Duration is zero",
            "Nothing can be done in no time. Give at least `1s`.",
        );
        return None;
    }
    Some(duration)
}

/// A duration, zero included.
pub(crate) fn any_duration(value: &Arg<String>, at: &At, report: &mut Report) -> Option<Duration> {
    match duration::parse(value.given()?) {
        Ok(duration) => Some(duration),
        Err(error) => {
            report.error(at, "Invalid duration", format!("{error}."));
            None
        }
    }
}

/// A quantity that is not negative, given back where it is fine.
pub(crate) fn amount(value: &Arg<String>, at: &At, report: &mut Report) -> Option<Quantity> {
    match Quantity::parse(value.given()?) {
        Ok(amount) if amount.is_negative() => {
            report.error(at, "Negative amount", "An amount cannot be below zero.");
            None
        }
        Ok(amount) => Some(amount),
        Err(error) => {
            report.error(at, "Invalid quantity", format!("{error}."));
            None
        }
    }
}

/// An amount of CPU. Kubernetes counts thousandths of a core.
pub(crate) fn cpu(value: &Arg<String>, at: &At, report: &mut Report) -> Option<Quantity> {
    let amount = amount(value, at, report)?;
    let milli = amount.times(1000);
    if milli.ceil() == 0 || milli == Quantity::whole(milli.ceil()) {
        return Some(amount);
    }
    report.error(
        at,
        "Too fine",
        "CPU is counted in thousandths of a core: `1m` is the smallest step.",
    );
    None
}

/// An amount of memory. Below one MiB the unit was forgotten, or `m` (a thousandth) was meant as `M`.
pub(crate) fn memory(value: &Arg<String>, at: &At, report: &mut Report) -> Option<Quantity> {
    let amount = amount(value, at, report)?;
    if !amount.is_zero() && amount < Quantity::whole(1 << 20) {
        let text = value.text();
        let detail = format!(
            "`{text}` is less than one MiB. Memory is counted in bytes: write for example `512Mi`."
        );
        report.error(at, "Too little memory", detail);
        return None;
    }
    Some(amount)
}

/// A number within bounds.
pub(crate) fn number(
    value: &Arg<i64>,
    least: i64,
    most: i64,
    at: &At,
    report: &mut Report,
) -> Option<i64> {
    let value = *value.given()?;
    if (least..=most).contains(&value) {
        return Some(value);
    }
    let rule = if most == i64::MAX {
        format!("at least {least}")
    } else {
        format!("from {least} to {most}")
    };
    report.error(
        at,
        "Number out of range",
        format!("{value} is out of range: use a number {rule}."),
    );
    None
}

/// A limit must not be below what is requested.
pub(crate) fn limit_covers_request(
    request: Option<Quantity>,
    limit: Option<Quantity>,
    (request_name, limit_name): (&str, &str),
    at: &At,
    report: &mut Report,
) {
    if let (Some(request), Some(limit)) = (request, limit)
        && limit < request
    {
        let detail = format!(
            "`{limit_name}` ({limit}) is below `{request_name}` ({request}). Raise it or leave it out."
        );
        report.error(&at.attribute(limit_name), "Limit below request", detail);
    }
}

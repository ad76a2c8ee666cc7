//! Durations as people write them: `90s`, `10m`, `1h30m`.

use std::time::Duration;

/// What is wrong with a duration.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a duration: write a whole number with `s`, `m` or `h`, such as `90s`, `10m` or `1h30m`"
)]
pub struct DurationError(String);

/// Reads a duration: whole numbers, each followed by `h`, `m`, `s` or `ms`.
///
/// # Errors
/// The text is empty, has a number without a unit or another unit, or is too large.
pub fn parse(text: &str) -> Result<Duration, DurationError> {
    let wrong = || DurationError(text.to_owned());
    let mut rest = text;
    let mut total = Duration::ZERO;
    while !rest.is_empty() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let number: u64 = rest[..digits].parse().map_err(|_| wrong())?;
        rest = &rest[digits..];
        let letters = rest.len()
            - rest
                .trim_start_matches(|c: char| c.is_ascii_lowercase())
                .len();
        let part = part(number, &rest[..letters]).ok_or_else(wrong)?;
        total = total.checked_add(part).ok_or_else(wrong)?;
        rest = &rest[letters..];
    }
    if text.is_empty() {
        Err(wrong())
    } else {
        Ok(total)
    }
}

/// The duration in whole seconds, rounded up, as Kubernetes fields count it.
pub fn whole_seconds(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}

/// A duration in the shortest form, the inverse of [`parse`] for whole seconds.
pub fn format(seconds: u64) -> String {
    match seconds {
        0 => "0s".into(),
        s if s % 3600 == 0 => format!("{}h", s / 3600),
        s if s % 60 == 0 => format!("{}m", s / 60),
        s => format!("{s}s"),
    }
}

fn part(number: u64, unit: &str) -> Option<Duration> {
    match unit {
        "ms" => Some(Duration::from_millis(number)),
        "s" => Some(Duration::from_secs(number)),
        "m" => number.checked_mul(60).map(Duration::from_secs),
        "h" => number.checked_mul(3600).map(Duration::from_secs),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_people_write() {
        let table = [
            ("90s", 90),
            ("10m", 600),
            ("1h30m", 5400),
            ("0s", 0),
            ("1m5s", 65),
            ("500ms", 1),
        ];
        for (text, seconds) in table {
            assert_eq!(parse(text).map(whole_seconds), Ok(seconds), "{text}");
        }
    }

    #[test]
    fn refuses_the_rest() {
        for text in [
            "",
            "10",
            "m",
            "-1s",
            "1.5h",
            "10 m",
            "1d",
            "99999999999999999999s",
            "18446744073709551615h",
        ] {
            assert!(parse(text).is_err(), "{text:?} should be refused");
        }
    }

    #[test]
    fn formats_the_shortest_form() {
        for text in ["0s", "90s", "10m", "2h"] {
            assert_eq!(
                parse(text).map(|d| format(d.as_secs())).as_deref(),
                Ok(text)
            );
        }
    }
}
